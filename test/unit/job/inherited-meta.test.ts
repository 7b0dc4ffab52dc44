import type { SlotImage } from "../../../runtime/slot/image/slot-image.ts";
import { describe, expect, test } from "vitest";
import { catchUp } from "../../../runtime/slot/catch-up.ts";
import type { SlotMeta } from "../../../runtime/job/slot-meta.ts";
import { slotOfShard } from "../../../runtime/job/slot-ref.ts";
import { inheritMeta } from "../../../runtime/job/inherit-meta.ts";
import { slotWorld } from "../../integration/slot-world.ts";
import { visitsJob } from "../../integration/visits-job.ts";

async function imageOfSlot() {
  const world = await slotWorld(visitsJob({ aligned: true }));
  const slot = slotOfShard(world.runtime, "visits", "shardId-000000000000");
  return (await catchUp(world.environment(), world.generation, slot))!;
}

const source = (maxTimestampMs: number): Pick<SlotMeta, "source"> => ({
  source: { maxTimestampMs, lastRecordMs: 7, ended: false, idle: false },
});

const heirOf = ({ job, slot, meta }: SlotImage) => ({ job, slot, range: meta.range });

describe("what a child of a merge inherits", () => {
  test("of the event time is that of the slower parent: the faster one's would make elements late", async () => {
    const image = await imageOfSlot();
    for (const order of [
      [4_000, 9_000],
      [9_000, 4_000],
    ]) {
      const metas = order.map((ms) => ({ ...image.meta, ...source(ms) }));
      expect(inheritMeta(heirOf(image), metas).source?.maxTimestampMs).toBe(4_000);
    }
    const { source: _, ...nothingSeen } = image.meta;
    const metas = [{ ...image.meta, ...source(9_000) }, nothingSeen];
    expect(inheritMeta(heirOf(image), metas).source?.maxTimestampMs).toBe(Number.NEGATIVE_INFINITY);
  });

  test("of marks is in the order of the groups, whichever parent comes first: they are searched in it", async () => {
    const image = await imageOfSlot();
    const half = 2n ** 127n;
    const hex = (position: bigint) => position.toString(16).padStart(32, "0");
    const low = { firstHash: hex(0n), lastHash: hex(half - 1n) };
    const high = { firstHash: hex(half), lastHash: hex(2n * half - 1n) };
    const groups = image.job.plan.maxParallelism;
    const metas: SlotMeta[] = [
      { ...image.meta, range: high, marks: { other: [[groups / 2, groups - 1, 5]] } },
      { ...image.meta, range: low, marks: { other: [[0, groups / 2 - 1, 3]] } },
    ];
    const sorted = [
      [0, groups / 2 - 1, 3],
      [groups / 2, groups - 1, 5],
    ];
    expect(inheritMeta(heirOf(image), metas).marks["other"]).toEqual(sorted);
    expect(inheritMeta(heirOf(image), metas.toReversed()).marks["other"]).toEqual(sorted);
  });

  test("of what was broadcast is the marks of the one parent whose copy it takes, the first that owns a key group", async () => {
    const image = await imageOfSlot();
    const none = {
      ...image.meta,
      range: { firstHash: `${"0".repeat(31)}1`, lastHash: `${"0".repeat(31)}2` },
    };
    const [one, other] = [
      { ...image.meta, broadcastMarks: { rules: 7, rates: 3 } },
      { ...image.meta, broadcastMarks: { rules: 6, rates: 4 } },
    ];
    const marksOf = (...metas: readonly SlotMeta[]) =>
      inheritMeta(heirOf(image), metas).broadcastMarks;
    expect(marksOf(one, other)).toEqual({ rules: 7, rates: 3 });
    expect(marksOf(other, one)).toEqual({ rules: 6, rates: 4 });
    expect(marksOf({ ...none, broadcastMarks: { rules: 9 } }, other)).toEqual({
      rules: 6,
      rates: 4,
    });
    expect(marksOf(none)).toBeUndefined();
  });

  test("is the stop of either parent: a source takes nothing more behind its cut", async () => {
    const image = await imageOfSlot();
    const stops = { ...image.meta, stopping: true };
    expect(inheritMeta(heirOf(image), [image.meta, stops]).stopping).toBe(true);
    expect(inheritMeta(heirOf(image), [stops, image.meta]).stopping).toBe(true);
    expect(inheritMeta(heirOf(image), [image.meta, image.meta])).not.toHaveProperty("stopping");
  });
});
