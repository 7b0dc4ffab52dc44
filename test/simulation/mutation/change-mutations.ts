import type { Mutation } from "./mutation.ts";

const focus = { shapes: ["changes"] } as const;

/** Section 9.2 of the protocol and docs/changes.md: results that are replaced and withdrawn. */
export const changeMutations: readonly Mutation[] = [
  {
    name: "before-not-sent",
    rule: "9.2",
    disables: "The value that a replacement replaces goes over the exchange with it.",
    edits: [
      {
        file: "runtime/exchange/outgoing-blocks.ts",
        find: "if (element.before !== undefined && block.befores === undefined)",
        replace: "if (element.before === element && block.befores === undefined)",
      },
    ],
    focus,
    from: 19,
  },
  {
    name: "moved-key-not-withdrawn",
    rule: "9.2",
    disables: "A replacement whose key has moved is withdrawn under the key that it had.",
    edits: [
      {
        file: "runtime/slot/program/keyed-push.ts",
        find: "if (keyIdentity(keyBefore) === keyIdentity(key))",
        replace: "if (keyBefore !== undefined)",
      },
    ],
    focus,
    from: 2,
  },
  {
    name: "filtered-replacement-stays",
    rule: "9.2",
    disables: "A replacement that a filter lets through no more withdraws what it replaces.",
    edits: [
      {
        file: "runtime/operators/stateless-operators.ts",
        find: 'if (kept) forward(before, timestampMs, "delete");',
        replace: "if (kept) return;",
      },
    ],
    focus,
    from: 53,
  },
  {
    name: "given-results-forgotten",
    rule: "9.2",
    disables: "A window remembers what it gave, for those who have to take it back.",
    edits: [
      {
        file: "runtime/windows/window-results.ts",
        find: "kept.last = copyInPassing(values);",
        replace: "kept.last = [];",
      },
    ],
    focus,
    from: 2,
  },
  {
    name: "early-result-stays",
    rule: "9.2",
    disables: "A window that has fired fires again for what has come since.",
    edits: [
      {
        file: "runtime/windows/window-life.ts",
        find: "else if (kept.fired || kept.failed === true) kept.pending = true;",
        replace: "else if (kept.failed === true) kept.pending = true;",
      },
    ],
    focus,
    from: 2,
  },
  {
    name: "merged-sessions-counted-twice",
    rule: "9.2",
    disables: "Whoever sums results takes out what a merge of sessions withdraws.",
    edits: [
      {
        file: "runtime/operators/reduce-operator.ts",
        find: 'const isLeft = change === "insert" || retract(entry, withdrawn);',
        replace: 'const isLeft = change !== "replace" || retract(entry, withdrawn);',
      },
    ],
    focus,
    from: 7,
  },
  {
    name: "process-replaces-nothing",
    rule: "9.2",
    disables:
      "A result of a process function that gives changes takes the place of the one before.",
    edits: [
      {
        file: "runtime/operators/process-operator.ts",
        find: 'definition.gives === "upsert" ? "replace" : "insert"',
        replace: '"insert" as Change',
      },
    ],
    focus: { shapes: ["rolling"] },
  },
  {
    name: "process-withdraws-nothing",
    rule: "9.2",
    disables: "A process function takes away a row.",
    edits: [
      {
        file: "runtime/operators/process-operator.ts",
        find: 'pass(output.emit, value, "delete");',
        replace: 'pass(output.emit, value, "replace");',
      },
    ],
    focus: { shapes: ["rolling"] },
  },
  {
    name: "greatest-is-least",
    rule: "9.2",
    disables: "A rolling extreme is the one that was asked for.",
    edits: [
      {
        file: "runtime/graph/field-aggregates.ts",
        find: "const order = sign * compareIn(field, value, accumulated);",
        replace: "const order = compareIn(field, value, accumulated);",
      },
    ],
    focus: { shapes: ["rolling"] },
  },
  {
    name: "reducing-forgets",
    rule: "3.2",
    disables: "What is added to a reducing state is reduced with what it keeps.",
    edits: [
      {
        file: "runtime/operators/process-state.ts",
        find: "entry.exists ? add(entry.value, own) : first(own)",
        replace: "entry.exists ? add(own, own) : first(own)",
      },
    ],
    focus: { shapes: ["rolling"] },
  },
];
