import type { Mutation } from "./mutation.ts";

/** Windows whose triggers are functions: what they forget, and the timers that they set. */
export const windowMutations: readonly Mutation[] = [
  {
    name: "purged-elements-stay",
    rule: "9.2",
    disables: "A window that has given its result for good forgets the elements of it.",
    edits: [
      {
        file: "runtime/windows/purging-windows.ts",
        find: "if (purges) purge(kept);",
        replace: "if (purges) kept.fired = false;",
      },
    ],
    focus: { shapes: ["count-windows", "discarding"] },
  },
  {
    name: "window-timers-not-loaded",
    rule: "4.7",
    disables: "Timers that a trigger has set are armed again by whoever loads them.",
    edits: [
      {
        file: "runtime/windows/window-timers.ts",
        find: "{ onLoad: arm }",
        replace: "{}",
      },
    ],
    focus: { shapes: ["discarding"] },
  },
  {
    name: "ended-window-stays",
    rule: "9.2",
    disables: "What was kept of a window that is over goes with it.",
    edits: [
      {
        file: "runtime/windows/triggered-life.ts",
        find: "    windows.remove(entry);",
        replace: "    if (merge) return;",
      },
    ],
    focus: { shapes: ["discarding"] },
  },
];
