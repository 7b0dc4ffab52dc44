import type { Mutation } from "./mutation.ts";

const focus = { shapes: ["files"], mission: "take-back" } as const;
const committing = { ...focus, faults: ["committer-crash", "coordinator-zombie"] } as const;

/** Section 6.9 of the protocol: results that wait for an epoch. */
export const stagingMutations: readonly Mutation[] = [
  {
    name: "restored-without-commit",
    rule: "6.9",
    disables: "A restore does not make visible what its epoch holds.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "await commitAgain(job, manifest);",
        replace: "void commitAgain;",
      },
    ],
    focus: committing,
  },
  {
    name: "complete-before-visible",
    rule: "6.9",
    disables: "An epoch is complete before all that it holds is visible.",
    edits: [
      {
        file: "runtime/coordinator/epoch-round.ts",
        find: "return round.commits.isDone(newest.number) ?",
        replace: "return round.commits.isDone(newest.number) || newest.number > 0 ?",
      },
    ],
    focus: committing,
  },
  {
    name: "cut-without-staging",
    rule: "6.9",
    disables: "A cut leaves collected what came before it.",
    edits: [
      {
        file: "runtime/slot/commit/cut.ts",
        find: "await withStaged(image, cut, { all: true })",
        replace: "await withStaged(image, cut, { all: false })",
      },
    ],
    focus,
  },
  {
    name: "seal-without-staging",
    rule: "6.9",
    disables: "A seal leaves collected what its slot had not staged.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "await withStaged(parent, last, { all: true })",
        replace: "await withStaged(parent, last, { all: false })",
      },
    ],
    focus: { shapes: ["files"], faults: ["source-split", "exchange-split"] },
  },
  {
    name: "staged-not-inherited",
    rule: "6.9",
    disables: "A child does not take over what its parents have staged.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "...inheritStaged(metas),",
        replace: "...(metas.length === 0 ? inheritStaged(metas) : {}),",
      },
    ],
    focus: { shapes: ["files"], faults: ["source-split", "exchange-split"] },
  },
  {
    name: "staged-left-out-too-early",
    rule: "6.9",
    disables:
      "A cut leaves out what was staged in the newest complete epoch, and waits for the next.",
    edits: [
      {
        file: "runtime/slot/commit/stage.ts",
        find: "epoch >= (epochs.completed ?? 0)",
        replace: "epoch > (epochs.completed ?? 0)",
      },
    ],
    focus: { shapes: ["files"], mission: "checkpoints" },
  },
  {
    name: "no-final-epoch",
    rule: "6.9",
    disables: "A job ends without an epoch for its last results.",
    edits: [
      {
        file: "runtime/coordinator/epoch-round.ts",
        find: "return atEnd && !isSeen &&",
        replace: "return atEnd && !isSeen && plan.job.length < 0 &&",
      },
    ],
    focus: { shapes: ["files"] },
    from: 2,
  },
  {
    name: "collected-not-in-parts",
    rule: "6.9",
    disables: "A slot that is loaded from a part has collected nothing.",
    edits: [
      {
        file: "runtime/slot/image/load-image.ts",
        find: "image.collected = part.collected ?? [];",
        replace: "image.collected = [];",
      },
    ],
    focus: { shapes: ["files"], faults: ["short-ring", "environment-crash"] },
  },
];
