import type { PatternNode } from "../../graph/pattern.ts";
import { eventsName, matchesName, nodesName, queueName } from "../../plan/state-names.ts";
import type { KeyedOperator, OperatorParts } from "../contract.ts";
import { checkEventTime } from "../event-time-sources.ts";
import { keyed } from "../keyed.ts";
import { newAlone, type OperatorSpec } from "../spec.ts";
import { versioned } from "../versioned.ts";

/** What runs a pattern comes with the pattern: only jobs that have one carry it. */
type Operator = (node: PatternNode, parts: OperatorParts) => KeyedOperator;

export const pattern: OperatorSpec<PatternNode> = {
  inputs: "one",
  functions: ({ onMatch, onTimedOut, comparator }) => ({ "": onMatch, onTimedOut, comparator }),
  states: ({ time, state }) => [
    { name: eventsName, kind: "pattern-events", ...versioned(state) },
    { name: matchesName, kind: "pattern-matches", version: 1 },
    { name: nodesName, kind: "pattern-nodes", version: 1 },
    ...(time === "event"
      ? [{ name: queueName, kind: "pattern-queue" as const, ...versioned(state) }]
      : []),
  ],
  identity: ({ pattern: { identity }, time, afterMatch }) => ({
    pattern: identity,
    time,
    afterMatch,
  }),
  // Which tags its functions emit to can't be known.
  sideOutputs: { has: () => true },
  changelog: newAlone(
    "A pattern keeps the elements that it was given, and takes no match back. Put what changes its results behind it",
  ),
  check: (node, graph) => {
    node.pattern.check(node);
    if (node.time === "event")
      checkEventTime(node, graph, {
        code: "join-without-watermarks",
        would: "would wait for ever for what may come before its elements",
      });
  },
  create: keyed((node, parts) => (node.pattern.operator as Operator)(node, parts)),
};
