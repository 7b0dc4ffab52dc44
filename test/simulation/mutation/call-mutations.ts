import type { Mutation } from "./mutation.ts";

const focus = { shapes: ["calls"] } as const;

/** Section 3.12: calls that steps wait for. */
export const callMutations: readonly Mutation[] = [
  {
    name: "calls-not-waited-for",
    rule: "3.12",
    disables: "A step whose calls are missing is undone, and run again.",
    edits: [
      {
        file: "runtime/slot/step/run-step.ts",
        find: "if (missing.length > 0) {",
        replace: "if (missing.length > 10_000) {",
      },
    ],
    focus,
  },
  {
    name: "call-answers-another",
    rule: "3.12",
    disables: "An answer is that of the place which asked for it.",
    edits: [
      {
        file: "runtime/slot/program/call-book.ts",
        find: "const key = JSON.stringify([place.place, asked.operator, count]);",
        replace: "const key = JSON.stringify([asked.operator, count]);",
      },
    ],
    focus,
  },
];
