import { describe, expect, test } from "vitest";
import { kinesisSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import { defineJob, monotonousTimestamps, unchecked } from "../../../runtime/index.ts";
import { jobStatus } from "../../../runtime/observe/job-status.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { driver, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";

interface Event {
  readonly at: number;
}

const shardId = "shardId-000000000000";

const job = defineJob("events", (env) => {
  const read = (stream: string, idleAfter?: { seconds: number }) =>
    env.source(kinesisSource({ stream, schema: unchecked<Event>() }), {
      uid: stream,
      watermarks: monotonousTimestamps({
        timestamp: ({ at }) => at,
        alignment: { group: "both", maxDrift: { seconds: 1 } },
        ...(idleAfter && { idleAfter }),
      }),
    });
  read("fast")
    .union(read("slow", { seconds: 5 }))
    .sinkTo(kinesisSink({ stream: "out", partitionKey: () => "k" }), { uid: "out" });
});

async function twoSources() {
  const world = await slotWorld(job);
  const round = world.coordinator(() => world.environment());
  const feed = driver({ world, pick: () => world.environment() });
  const put = async (stream: string, ...times: readonly number[]) => {
    await world.put(
      stream,
      times.map((at) => ({ at })),
      () => "k",
    );
  };
  /** Both have come to 1,000 and 3,000 ms. */
  await put("slow", 1_001);
  await put("fast", 3_001);
  await feed.pump();
  await round();
  return { world, round, feed, put };
}

/** Hands over what is in the stream behind the first record. */
async function handOver(world: SlotWorld, stream: string) {
  const records = (await world.records(stream, shardId)).slice(1);
  return await processBatch(world.environment(), { stream, shardId, records });
}

describe("a source that is further ahead of its group than maxDrift", () => {
  test("gives its batch back, and takes it when the others have come nearer", async () => {
    const { world, round, put, feed } = await twoSources();
    await put("fast", 3_002);
    expect(await handOver(world, "fast")).toHaveProperty("failedSequence");
    await put("slow", 2_001);
    await feed.pump("slow");
    expect(await handOver(world, "fast")).toHaveProperty("failedSequence");
    await round();
    expect(await handOver(world, "fast")).toEqual({});
  });

  test("does not wait for what is idle", async () => {
    const { world, round, put } = await twoSources();
    await put("fast", 3_002);
    world.clock.advance(5_001);
    await round();
    await round();
    expect(await handOver(world, "fast")).toEqual({});
  });

  test("does not wait where nobody has led for a while", async () => {
    const { world, put } = await twoSources();
    await put("fast", 3_002);
    world.clock.advance(20_001);
    expect(await handOver(world, "fast")).toEqual({});
  });

  test("is told by the job's status, with how far it is ahead", async () => {
    const { world } = await twoSources();
    expect((await jobStatus(world.ports, "events")).alignment).toEqual([
      { group: "both", maxDriftMs: 1_000, lowestMs: 1_000, highestMs: 3_000 },
    ]);
  });
});

test("the slowest source of a group is never held back", async () => {
  const { world, put } = await twoSources();
  await put("slow", 9_001);
  expect(await handOver(world, "slow")).toEqual({});
});
