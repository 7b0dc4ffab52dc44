import type { Mutation } from "./mutation.ts";

const shapes = ["broadcast"];
const reshards = ["exchange-split", "exchange-merge"] as const;

/** Section 4.9: what goes to every slot, and the copies that slots have of it. */
export const broadcastMutations: readonly Mutation[] = [
  {
    name: "broadcast-to-one-shard",
    rule: "4.9",
    disables: "A broadcast goes to those shards that get something else, or to the first.",
    edits: [
      {
        file: "runtime/exchange/cut-frames.ts",
        find: "if (lacksThem(owner) && !byOwner.has(owner)) byOwner.set(owner, []);",
        replace: "if (lacksThem(owner) && byOwner.size === 0) byOwner.set(owner, []);",
      },
      {
        file: "runtime/exchange/send-frames.ts",
        find: "(map?.owners.filter(({ shard }) => !reached.has(shard.shardId)).length ?? 1);",
        replace: "(reached.size > 0 ? 0 : 1);",
      },
    ],
    focus: { shapes },
  },
  {
    name: "broadcast-landing-elsewhere",
    rule: "4.9",
    disables: "What landed in another shard counts for the one that it was meant for.",
    edits: [
      {
        file: "runtime/exchange/put-frames.ts",
        find: "reached.add(result.shardId);",
        replace: "reached.add(shardId);",
      },
      {
        file: "runtime/exchange/send-frames.ts",
        find: "if (moved.length > 0) map = cachedMap;",
        replace: "",
      },
    ],
    focus: { shapes, faults: [...reshards, "put-into-split"] },
    from: 9,
  },
  {
    name: "broadcast-marks-not-kept",
    rule: "4.9",
    disables: "A slot does not remember which broadcasts its copy has.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "isForGroup(block) ? markOfGroup(marks, block.group) : broadcastMark;",
        replace: "isForGroup(block) ? markOfGroup(marks, block.group) : 0;",
      },
    ],
    focus: { shapes, faults: ["writer-answer-lost", "writer-arrives-late"] },
  },
  {
    name: "broadcast-lost-at-takeover",
    rule: "4.9",
    disables: "A child begins with an empty copy.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "giver === undefined ? [] : broadcastOf(giver);",
        replace: "giver === undefined ? [] : broadcastOf(giver).slice(0, 0);",
      },
    ],
    focus: { shapes, faults: [...reshards] },
  },
  {
    name: "broadcast-pending-of-all-parents",
    rule: "4.9",
    disables: "A child is given the broadcasts that were pending in all of its parents.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "group === undefined ? parent === giver :",
        replace: "group === undefined ? giver !== undefined :",
      },
    ],
    focus: { shapes, mission: "stop", faults: [...reshards] },
    from: 247,
  },
  {
    name: "broadcast-lost-at-restore",
    rule: "4.9",
    disables: "A restore leaves the copies empty.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "const broadcast = giver?.broadcast ?? [];",
        replace: "const broadcast = giver?.broadcast.slice(0, 0) ?? [];",
      },
    ],
    focus: { shapes, mission: "take-back" },
  },
  {
    name: "broadcasts-in-flight-to-all",
    rule: "4.9",
    disables:
      "A restored slot is given the broadcasts that were in flight to each of the slots it goes on from.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "const broadcasts = giver?.blocks.filter((block) => !isForGroup(block)) ?? [];",
        replace:
          "const broadcasts = from.flatMap(({ blocks }) => blocks.filter((block) => !isForGroup(block)));",
      },
    ],
    focus: { shapes, mission: "take-back" },
    from: 21,
  },
  {
    name: "broadcast-not-undone",
    rule: "3.2",
    disables: "What a step put into the copy stays when the step is undone.",
    edits: [
      {
        file: "runtime/operators/subtask.ts",
        find: "this.broadcast.undo();",
        replace: "this.broadcast.accept();",
      },
    ],
    focus: { shapes },
  },
  {
    name: "broadcast-missing-in-parts",
    rule: "3.6",
    disables: "A slot that is loaded from a part begins with an empty copy.",
    edits: [
      {
        file: "runtime/slot/image/load-image.ts",
        find: "applyBroadcast(image, part.broadcast);",
        replace: "applyBroadcast(image, part.broadcast?.slice(0, 0));",
      },
    ],
    focus: { shapes },
  },
];
