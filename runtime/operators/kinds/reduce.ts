import type { ReduceNode } from "../../graph/node.ts";
import { reducedCountName, reducedName } from "../../plan/state-names.ts";
import { expiringKind, kindText } from "../declared-states.ts";
import { keyed } from "../keyed.ts";
import { reduceOperator } from "../reduce-operator.ts";
import type { OperatorSpec } from "../spec.ts";
import { versioned } from "../versioned.ts";

export const reduce: OperatorSpec<ReduceNode> = {
  inputs: "one",
  functions: ({ fn, retract, migrate }) => ({ "": fn, retract, migrate }),
  /** Where elements can be withdrawn they are counted. */
  states: (node) => [
    { name: reducedName, ...expiringKind("value", node.ttl), ...versioned(node) },
    ...(node.retract === undefined
      ? []
      : [{ name: reducedCountName, ...expiringKind("value", node.ttl), version: 1 }]),
  ],
  // A job without a time to live has the plan that it had before there was one.
  identity: ({ ttl }) => (ttl === undefined ? {} : { state: kindText(expiringKind("value", ttl)) }),
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
