import { expect, test } from "vitest";
import { tumblingWindows } from "../../../runtime/index.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { gatedPorts } from "../../integration/gated-ports.ts";
import { rowsOf, slotWorld } from "../../integration/slot-world.ts";
import { firstShard, kOf, lettersOf, reading, type Readings, readingsJob } from "./readings.ts";

/** Counts in windows that can't do with a single element. */
const pairs = (readings: Readings) =>
  readings
    .window(tumblingWindows({ size: { seconds: 10 } }), {
      uid: "pairs",
      allowedLateness: { minutes: 5 },
    })
    .aggregate(
      { create: () => 0, add: (count: number) => count + 1, result: (count: number) => count },
      (count, { key }) => {
        if (count === 1) throw new RangeError("one is too few");
        return { k: key, count };
      },
    );

/** The second one fires the window of the first, in vain; it lives on, takes the late third one, and is fired again by the last one. */
const readings = [
  reading("a", 1, 1_000),
  reading("a", 2, 12_000),
  reading("a", 3, 2_000),
  reading("a", 4, 13_000),
];

async function pairsWorld() {
  const job = readingsJob(pairs, { aligned: true, attempts: 1 });
  // Each record is a step of its own.
  const world = await slotWorld(job, { settings: { stepMaxBytes: 1 } });
  await world.put("in", readings, kOf);
  const records = await world.records("in", firstShard);
  const batch = { stream: "in", shardId: firstShard, records };
  // The first attempt: the one that follows is the last.
  const failed = { failedSequence: records[1]!.sequence };
  expect(await processBatch(world.environment(), batch)).toEqual(failed);
  return { world, batch };
}

test("what was written off is passed over that once: a window that lives on fires again", async () => {
  const { world, batch } = await pairsWorld();
  expect(await processBatch(world.environment(), batch)).toEqual({});
  expect(await lettersOf(world)).toHaveLength(1);
  expect(await rowsOf(world.ports, "out")).toEqual(['{"count":2,"k":"a"}']);
});

test("what another writer has written off, who was faster, is not written off once more", async () => {
  const { world, batch } = await pairsWorld();
  let appends = 0;
  const ports = gatedPorts(world.ports, async (call) => {
    if (call !== "log.append") return;
    appends += 1;
    // The window has failed for good, and is about to be written off: somebody else does it first.
    if (appends === 1)
      await processBatch(world.environment(), { ...batch, records: batch.records.slice(0, 2) });
  });
  expect(await processBatch(world.environment(ports), batch)).toEqual({});
  expect(await lettersOf(world)).toHaveLength(1);
  expect(await rowsOf(world.ports, "out")).toEqual(['{"count":2,"k":"a"}']);
});
