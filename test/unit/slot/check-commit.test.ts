import { expect, test } from "vitest";
import type { SlotMeta } from "../../../runtime/job/slot-meta.ts";
import { slotOfShard } from "../../../runtime/job/slot-ref.ts";
import { catchUp } from "../../../runtime/slot/catch-up.ts";
import { checkCommit } from "../../../runtime/slot/commit/check-commit.ts";
import { slotWorld } from "../../integration/slot-world.ts";
import { visitsJob } from "../../integration/visits-job.ts";

const before = {
  version: 7,
  epoch: 3,
  cursor: { sequence: "20", elements: 4 },
  pastFence: true,
  watermarks: { "0": { ms: 5_000, idle: false }, "1": { ms: 2_000, idle: false, own: 4_000 } },
  tickClockMs: 90,
  stopping: true as const,
  source: { maxTimestampMs: 5_000, lastRecordMs: 1, ended: true, idle: false },
  counters: { records: 10, deadLetters: 2, operators: {} },
} satisfies Partial<SlotMeta>;

async function imageBefore() {
  const world = await slotWorld(visitsJob({ aligned: true }));
  const slot = slotOfShard(world.runtime, "visits", "shardId-000000000000");
  const image = (await catchUp(world.environment(), world.generation, slot))!;
  image.meta = { ...image.meta, ...before };
  return image;
}

test("a commit that says the same, or goes on, is appended", async () => {
  const image = await imageBefore();
  const next = { ...image.meta, version: 8 };
  for (const change of [
    {},
    { cursor: { sequence: "20" } },
    { cursor: { sequence: "21", elements: 1 } },
    { epoch: 4, cut: { epoch: 4, version: 8, closed: false } },
  ] satisfies Partial<SlotMeta>[])
    expect(() => checkCommit(image, { ...next, ...change })).not.toThrow();
});

test("a commit that goes back is refused with the rule, and nothing is written", async () => {
  const image = await imageBefore();
  const { stopping: _, ...going } = image.meta;
  const next = { ...image.meta, version: 8 };
  const range = { firstHash: "0".repeat(32), lastHash: "1".repeat(32) };
  const broken: readonly (readonly [string, SlotMeta])[] = [
    ["versions follow each other", { ...next, version: 9 }],
    ["epochs never go back", { ...next, epoch: 2 }],
    ["a slot keeps its range", { ...next, range }],
    ["the cursor never goes back", { ...next, cursor: { sequence: "19" } }],
    ["the cursor never goes back", { ...next, cursor: { sequence: "20", elements: 3 } }],
    ["the cursor never goes back", { ...next, cursor: {} }],
    ["watermarks never go back", { ...next, watermarks: {} }],
    [
      "watermarks never go back",
      { ...next, watermarks: { ...before.watermarks, "1": { ms: 3_999, idle: false } } },
    ],
    ["a fence stays passed", { ...next, pastFence: false }],
    ["a stop is for good", { ...going, version: 8 }],
    ["an end is for good", { ...next, source: { ...before.source, ended: false } }],
    ["ticks never go back", { ...next, tickClockMs: 89 }],
    ["counters never go back", { ...next, counters: { ...before.counters, records: 9 } }],
    ["a cut is of this epoch", { ...next, cut: { epoch: 4, version: 8, closed: false } }],
  ];
  for (const [rule, meta] of broken)
    expect(() => checkCommit(image, meta)).toThrow(`against the rule that ${rule}`);
  image.sealed = true;
  expect(() => checkCommit(image, next)).toThrow("nothing follows a seal");
});
