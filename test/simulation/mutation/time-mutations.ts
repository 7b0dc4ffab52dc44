import type { Mutation } from "./mutation.ts";

/** Watermarks: what a generator of a user's own remembers of a source. */
export const timeMutations: readonly Mutation[] = [
  {
    name: "generator-not-undone",
    rule: "4.7",
    disables: "What a generator of watermarks remembers is undone with the step.",
    edits: [
      {
        file: "runtime/slot/program/watermark-generation.ts",
        find: "before === undefined ? this.#initial() : this.#copy(before.state)",
        replace: "before === undefined ? this.#initial() : before.state",
      },
    ],
    focus: { shapes: ["custom-watermarks"] },
  },
  {
    name: "generator-of-the-faster-parent",
    rule: "5.1",
    disables: "Of merged shards the generator of watermarks goes on that holds the watermark back.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "other.watermarkMs < one.watermarkMs",
        replace: "other.watermarkMs > one.watermarkMs",
      },
    ],
    focus: { shapes: ["custom-watermarks"] },
    from: 2,
  },
];
