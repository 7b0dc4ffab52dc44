import type { Mutation } from "./mutation.ts";

/** What the protocol says of splits that are no shards of a stream. */
export const splitMutations: readonly Mutation[] = [
  {
    name: "split-ends-early",
    rule: "4.8",
    disables: "A split counts as read to its end when its last bytes were looked at.",
    edits: [
      {
        file: "runtime/connectors/lines-of-file.ts",
        find: "const isEnd = !isFull && at >= block.length;",
        replace: "const isEnd = !isFull;",
      },
      {
        file: "runtime/slot/look-for-itself.ts",
        find: "const isLast = read.ended && read.records.length === 0;",
        replace: "const isLast = read.ended;",
      },
    ],
    focus: { shapes: ["read-files"] },
  },
  {
    name: "split-restored-from-others",
    rule: "6.6",
    disables: "A restored split goes on where any of its source's splits stood.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "return resumes ? old.shardId === slot.shardId : overlaps(meta.range, range);",
        replace:
          'return resumes && slot.shardId === "" ? old.shardId === "" : overlaps(meta.range, range);',
      },
    ],
    focus: { shapes: ["read-files"], mission: "take-back" },
    from: 3,
  },
];
