import type { Mutation } from "./mutation.ts";

const focus = { shapes: ["pattern"] } as const;

/** Section 4.11: what a pattern keeps, and for how long. */
export const patternMutations: readonly Mutation[] = [
  {
    name: "pattern-takes-late",
    rule: "4.11",
    disables: "A pattern takes no element that is at the watermark or behind it.",
    edits: [
      {
        file: "runtime/patterns/pattern-operator.ts",
        find: "timestampMs > runtime.lateBehindMs)",
        replace: "timestampMs > runtime.lateBehindMs - 200)",
      },
    ],
    focus,
    from: 55,
  },
  {
    name: "pattern-clears-in-memory",
    rule: "4.11",
    disables: "Elements that a pattern has taken from its queue are gone from its commits as well.",
    edits: [
      {
        file: "runtime/operators/timed-buckets.ts",
        find: "state.findMapEntry(record, cell, entry.mapKey as number);",
        replace: "entry.exists && record !== undefined ? (entry as never) : undefined;",
      },
    ],
    focus,
  },
  {
    name: "pattern-forgets-queue",
    rule: "4.11",
    disables: "Elements that wait for the watermark wait for it where they were loaded.",
    edits: [
      {
        file: "runtime/operators/timed-buckets.ts",
        find: "declareMap<number, B>(name, { onLoad: arm })",
        replace: "declareMap<number, B>(name, {})",
      },
    ],
    focus,
  },
  {
    name: "pattern-passes-over-all",
    rule: "8.1",
    disables: "An element that is refused costs those that wait for the same moment nothing.",
    edits: [
      {
        file: "runtime/patterns/element-queue.ts",
        find: "buckets.takeNext(entry);",
        replace: "buckets.keep(entry, 0);",
      },
    ],
    focus,
  },
  {
    name: "pattern-fails-by-moment",
    rule: "8.1",
    disables: "Elements that wait for one moment are places of their own for what fails.",
    edits: [
      {
        file: "runtime/slot/step/step-timers.ts",
        find: "left: subtask.leftOf(timer)",
        replace: "left: undefined",
      },
    ],
    focus,
  },
  {
    name: "pattern-forgets-time-outs",
    rule: "4.11",
    disables: "Matches that were loaded run out of time.",
    edits: [
      {
        file: "runtime/patterns/kept-matches.ts",
        find: "{ uid, name: matchesName }, { onLoad: arm }",
        replace: "{ uid, name: matchesName }, {}",
      },
    ],
    focus,
    from: 4,
  },
  {
    name: "pattern-counts-no-holders",
    rule: "4.11",
    disables: "What matches have in common stays until the last of them is gone.",
    edits: [
      {
        file: "runtime/patterns/shared-buffer.ts",
        find: "if (node !== notBegun) found(nodes, node).refs += 1;",
        replace: "if (node !== notBegun) found(nodes, node).refs = 1;",
      },
    ],
    focus,
  },
  {
    name: "pattern-keeps-all",
    rule: "4.11",
    disables: "What no match stands on any more is dropped.",
    edits: [
      {
        file: "runtime/patterns/shared-buffer.ts",
        find: "if (--kept.refs > 0) return;",
        replace: "if (kept.refs > 0) return;",
      },
    ],
    focus,
  },
];
