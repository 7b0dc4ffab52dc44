import type { ReduceNode } from "../../graph/node.ts";
import { reducedCountName, reducedName } from "../../plan/state-names.ts";
import { keyed } from "../keyed.ts";
import { reduceOperator } from "../reduce-operator.ts";
import type { OperatorSpec } from "../spec.ts";
import { versioned } from "../versioned.ts";

export const reduce: OperatorSpec<ReduceNode> = {
  inputs: "one",
  functions: ({ fn, retract, migrate }) => ({ "": fn, retract, migrate }),
  /** Where elements can be withdrawn they are counted. */
  states: (node) => [
    { name: reducedName, kind: "value", ...versioned(node) },
    ...(node.retract === undefined
      ? []
      : [{ name: reducedCountName, kind: "value", version: 1 } as const]),
  ],
  changelog: {
    refuses: ({ retract }) =>
      retract === undefined
        ? "Give its options retract(accumulated, value), which takes a value out again"
        : undefined,
    gives: (cause) => ({
      cause,
      why: "gives a new result for every element",
      isTimeStable: false,
    }),
    needsBefore: () => true,
  },
  create: keyed(reduceOperator),
};
