import type { Mutation } from "./mutation.ts";

const focus = { shapes: ["expiring"] } as const;

/** Section 4.13: how long state lives. */
export const expiryMutations: readonly Mutation[] = [
  {
    name: "expiry-hides-from-timers",
    rule: "4.13",
    disables: "A timer sees the state of its own time, however far the watermark has jumped.",
    edits: [
      {
        file: "runtime/operators/subtask.ts",
        find: "return Math.max(this.#inHandMs, this.#firedMs);",
        replace: "return Math.max(this.#inHandMs, this.watermarkMs);",
      },
    ],
    focus,
  },
  {
    name: "expiry-before-its-time",
    rule: "4.13",
    disables: "Clean-up takes nothing that somebody may still see.",
    edits: [
      {
        file: "runtime/state/expiry-queue.ts",
        find: "if (dueMs > nowMs) this.#queue.arm(entry, dueMs);",
        replace: "if (dueMs > nowMs + 1_000) this.#queue.arm(entry, dueMs);",
      },
    ],
    focus,
    from: 2,
  },
  {
    name: "expiry-forgets-uses",
    rule: "4.13",
    disables: "An entry whose time has come is asked when it was used last.",
    edits: [
      {
        file: "runtime/state/expiry-queue.ts",
        find: "const dueMs = this.#dueMs(entry.cell, usedMs ?? nowMs);",
        replace: "const dueMs = nowMs;",
      },
    ],
    focus,
    from: 2,
  },
  {
    name: "expiry-copies-too-little",
    rule: "4.13",
    disables: "A copy of the state leaves out only what has expired.",
    edits: [
      {
        file: "runtime/state/expiry-queue.ts",
        find: "this.#dueMs(entry.cell, usedMs) <= this.#sweptMs;",
        replace: "this.#dueMs(entry.cell, usedMs) <= this.#sweptMs + 200;",
      },
    ],
    focus,
    from: 2,
  },
  {
    name: "expiry-in-memory",
    rule: "4.13",
    disables: "What expires leaves the state with a commit.",
    edits: [
      {
        file: "runtime/state/expiry-queue.ts",
        find: "return mapKey === undefined",
        replace:
          "return entry.exists && record !== undefined ? (entry as never) : mapKey === undefined",
      },
      {
        file: "runtime/state/expiry-queue.ts",
        find: "function touched(state: KeyedState, { record, cell, mapKey }: StateEntry): StateEntry {",
        replace:
          "function touched(state: KeyedState, entry: StateEntry): StateEntry { const { record, cell, mapKey } = entry;",
      },
    ],
    focus,
    from: 2,
  },
  {
    name: "expiry-shortened",
    rule: "4.13",
    disables: "A use that comes out of order shortens no life.",
    edits: [
      {
        file: "runtime/operators/expiry.ts",
        find: "if (Number.isFinite(now) && now > (kept[0] ?? Number.NEGATIVE_INFINITY)) kept[0] = now;",
        replace: "if (Number.isFinite(now)) kept[0] = now;",
      },
    ],
    focus,
  },
  {
    name: "expiry-without-the-element",
    rule: "4.13",
    disables: "State expires for an element by its own time, though the watermark is behind it.",
    edits: [
      {
        file: "runtime/operators/subtask.ts",
        find: "this.#inHandMs = timestampMs;",
        replace: "",
      },
    ],
    focus,
  },
];
