import type { Mutation } from "./mutation.ts";

const focus = { shapes: ["interval-join"] } as const;

/** Section 4.10: what a join keeps of its inputs, and for how long. */
export const joinMutations: readonly Mutation[] = [
  {
    name: "join-clears-by-own-time",
    rule: "4.10",
    disables: "An element of a join is kept until the last time of a partner has passed.",
    edits: [
      {
        file: "runtime/operators/join-buffer.ts",
        find: "const clearMs = timestampMs + Math.max(0, upperMs);",
        replace: "const clearMs = timestampMs;",
      },
    ],
    focus,
  },
  {
    name: "join-forgets-matches",
    rule: "4.10",
    disables: "An element that has met a partner gives no outer result.",
    edits: [
      {
        file: "runtime/operators/interval-join-operator.ts",
        find: "delete kept.unmatched;",
        replace: "",
      },
    ],
    focus,
  },
  {
    name: "join-clears-in-memory",
    rule: "4.10",
    disables: "What a join clears is cleared in its commits as well.",
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
    name: "window-join-swaps-sides",
    rule: "4.10",
    disables: "Elements of two inputs in one window are told apart by where they came from.",
    edits: [
      {
        file: "runtime/windows/joins/window-join-operator.ts",
        find: "(right, timestampMs, change) => push({ right }, timestampMs, change),",
        replace: "(left, timestampMs, change) => push({ left }, timestampMs, change),",
      },
    ],
    focus: { shapes: ["window-join"] },
  },
  {
    name: "window-join-forgets-what-it-gave",
    rule: "4.10",
    disables: "Sessions of two inputs that become one withdraw what they gave.",
    edits: [
      {
        file: "runtime/windows/merging-windows.ts",
        find: "for (const each of met) withdraw(each, merged);",
        replace: "",
      },
    ],
    focus: { shapes: ["window-join"] },
    from: 26,
  },
  {
    name: "versions-never-superseded",
    rule: "4.10",
    disables: "A version is gone once the watermark has reached the next one.",
    edits: [
      {
        file: "runtime/operators/kept-versions.ts",
        find: "last((entry.mapKey as number) - 1)?.remove();",
        replace: "",
      },
    ],
    focus: { shapes: ["temporal-join"] },
  },
  {
    name: "version-of-arrival",
    rule: "4.10",
    disables: "An element waits for the watermark to reach its time before it is given a version.",
    edits: [
      {
        file: "runtime/operators/temporal-join-operator.ts",
        find: "dueMs: (timestampMs) => timestampMs,",
        replace: "dueMs: (timestampMs) => timestampMs - 10_000,",
      },
    ],
    focus: { shapes: ["temporal-join"] },
    from: 4,
  },
  {
    name: "versions-not-armed",
    rule: "4.7",
    disables: "The time at which a version supersedes others is armed again by whoever loads it.",
    edits: [
      {
        file: "runtime/operators/kept-versions.ts",
        find: "state.declareMap<number, KeptVersion>(name, { onLoad: arm });",
        replace: "state.declareMap<number, KeptVersion>(name);",
      },
    ],
    focus: { shapes: ["temporal-join"] },
  },
  {
    name: "optional-rows-never-alone",
    rule: "4.10",
    disables:
      "What stood alone in a join of several is taken back when the first row of an optional input comes.",
    edits: [
      {
        file: "runtime/operators/joined-rows.ts",
        find: "gone: wasEmpty && !isEmpty ? nobody : gone,",
        replace: "gone,",
      },
    ],
    focus: { shapes: ["multi-join"] },
  },
  {
    name: "last-rows-pile-up",
    rule: "4.10",
    disables: "Where a join of several keeps the last row, it takes the place of the one before.",
    edits: [
      {
        file: "runtime/operators/joined-rows.ts",
        find: 'const replaces = keeps === "last" || change !== "insert";',
        replace: 'const replaces = change !== "insert";',
      },
    ],
    focus: { shapes: ["multi-join"] },
  },
  {
    name: "join-takes-late",
    rule: "4.10",
    disables: "A join takes no element that is behind the watermark.",
    edits: [
      {
        file: "runtime/operators/interval-join-operator.ts",
        find: "if (timestampMs < runtime.lateBehindMs) {",
        replace: "if (timestampMs < runtime.lateBehindMs - 200) {",
      },
    ],
    focus,
    from: 53,
  },
];
