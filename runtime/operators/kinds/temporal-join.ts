import type { TemporalJoinNode } from "../../graph/temporal-join.ts";
import { leftName, rightName } from "../../plan/state-names.ts";
import { checkEventTime } from "../event-time-sources.ts";
import { keyedInputs } from "../keyed.ts";
import type { OperatorSpec } from "../spec.ts";
import { temporalJoinOperator } from "../temporal-join-operator.ts";
import { versioned } from "../versioned.ts";

export const temporalJoin: OperatorSpec<TemporalJoinNode> = {
  inputs: "two",
  functions: ({ join, deletes }) => ({ "": join, deletes }),
  states: ({ leftState, rightState }) => [
    { name: leftName, kind: "join-buffer", ...versioned(leftState) },
    { name: rightName, kind: "join-versions", ...versioned(rightState) },
  ],
  identity: ({ type }) => ({ type }),
  sideOutputs: {
    has: ({ leftLateTag, rightLateTag }, tag) => leftLateTag === tag || rightLateTag === tag,
    next: "Give the join leftLateOutput or rightLateOutput with that tag; it has no other side output.",
    passInput: true,
    inputOf: ({ rightLateTag }, tag) => (rightLateTag === tag ? 1 : 0),
  },
  changelog: {
    refuses: (_node, _given, [left]) =>
      left &&
      "A join gives what it was given with the version of that moment, and takes nothing back; only versions may be replaced. Put what changes its results behind it",
    gives: () => undefined,
    needsBefore: () => false,
  },
  check: (node, graph) =>
    checkEventTime(node, graph, {
      code: "join-without-watermarks",
      would: "would keep all of its elements for ever",
    }),
  create: keyedInputs(temporalJoinOperator),
};
