import { jobError } from "../../errors/millrace-error.ts";
import type { IntervalJoinNode } from "../../graph/interval-join.ts";
import { leftName, rightName } from "../../plan/state-names.ts";
import { checkEventTime } from "../event-time-sources.ts";
import { intervalJoinOperator } from "../interval-join-operator.ts";
import { keyedInputs } from "../keyed.ts";
import { newAlone, type OperatorSpec } from "../spec.ts";
import { versioned } from "../versioned.ts";

export const intervalJoin: OperatorSpec<IntervalJoinNode> = {
  inputs: "two",
  functions: ({ join }) => ({ "": join }),
  states: ({ leftState, rightState }) => [
    { name: leftName, kind: "join-buffer", ...versioned(leftState) },
    { name: rightName, kind: "join-buffer", ...versioned(rightState) },
  ],
  identity: ({ type, lowerMs, upperMs }) => ({ type, lowerMs, upperMs }),
  sideOutputs: {
    has: ({ leftLateTag, rightLateTag }, tag) => leftLateTag === tag || rightLateTag === tag,
    next: "Give the join leftLateOutput or rightLateOutput with that tag; it has no other side output.",
    passInput: true,
  },
  changelog: newAlone(
    "A join keeps the pairs of what it was given, and takes none of them back. Put what changes its results behind it",
  ),
  check: (node, graph) => {
    checkBounds(node);
    checkEventTime(node, graph, {
      code: "join-without-watermarks",
      would: "would keep all of its elements for ever",
    });
  },
  create: keyedInputs(intervalJoinOperator),
};

function checkBounds({ uid = "", lowerMs, upperMs }: IntervalJoinNode): void {
  if (lowerMs <= upperMs) return;
  throw jobError("join-bounds-invalid", {
    uid,
    message: `No time is between the bounds of join "${uid}": the first one is ${lowerMs} ms, the last one ${upperMs} ms.`,
    next: "Write for example between: [{ minutes: -5 }, { minutes: 5 }]; bounds that are excluded are no times of partners.",
  });
}
