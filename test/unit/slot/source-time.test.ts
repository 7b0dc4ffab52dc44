import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  defineJob,
  type EventTime,
  sessionWindows,
  type TimestampOptions,
  tumblingWindows,
  unchecked,
} from "../../../runtime/index.ts";
import type { JsonValue, Telemetry } from "../../../runtime/ports/index.ts";
import { unpackDeadLetters } from "../../../runtime/job/dead-letter-objects.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";

interface Event {
  readonly k: string;
  readonly at?: unknown;
}

const shardId = "shardId-000000000000";

/** Counts by key and minute; the source's slots hand over to an exchange. */
function countingJob(options: Partial<TimestampOptions<Event>> = {}) {
  return defineJob("events", (env) => {
    env
      .source(kinesisSource({ stream: "in", schema: unchecked<Event>() }), {
        uid: "in",
        watermarks: boundedOutOfOrderness({
          bound: {},
          timestamp: ({ at }) => at as EventTime,
          ...options,
        }),
      })
      .keyBy(({ k }) => k)
      .window(tumblingWindows({ size: { minutes: 1 } }), { uid: "counts" })
      .aggregate(
        { create: () => 0, add: (n) => n + 1, result: (n) => n },
        (n, { key, window }) => ({ k: key, startMs: window.startMs, n }),
      )
      .sinkTo(dynamodbSink({ table: "out", key: ["k", "startMs"] }), { uid: "out" });
  });
}

async function reasons({ ports }: SlotWorld): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const key of ports.objects.list("events/1/dead-letters/")) {
    const data = await ports.objects.get(key);
    found.push(...unpackDeadLetters(data!).map(({ reason }) => reason));
  }
  return found;
}

async function pumped(world: SlotWorld, events: readonly unknown[]) {
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  await world.put("in", events, () => "a");
  await feed.pump("in");
  return { environment, feed };
}

const sourceRow = async ({ ports }: SlotWorld, id = shardId) =>
  (await listProgress(ports, { job: "events", generation: 1 })).find(
    ({ slot }) => slot === `in/${id}`,
  )!;

describe("the time of an element", () => {
  test("that its timestamp function does not give is no other time: the element is a dead letter, and nothing else is late by it", async () => {
    const world = await slotWorld(countingJob());
    world.clock.advance(1_700_000_000_000);
    const { environment, feed } = await pumped(world, [
      { k: "a" },
      { k: "a", at: null },
      { k: "a", at: "yesterday" },
      { k: "a", at: 8_640_000_000_000_001 },
      { k: "a", at: 0.5 },
      { k: "a", at: 1_000 },
      { k: "a", at: "1970-01-01T00:00:02Z" },
    ]);
    expect(await reasons(world)).toHaveLength(5);
    expect((await sourceRow(world)).watermarks["in"]?.ms).toBe(1_999);
    await world.ports.admin.endStream("in");
    await feed.untilEnded(world.coordinator(() => environment));
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","n":2,"startMs":0}']);
  });

  test("that no clock can show never reaches a window", async () => {
    const job = defineJob("events", (env) => {
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<{ k: string; at: number }>() }), {
          uid: "in",
          watermarks: boundedOutOfOrderness({ timestamp: ({ at }) => at, bound: {} }),
        })
        .keyBy(({ k }) => k)
        .window(sessionWindows({ gap: { seconds: 1 } }), { uid: "sessions" })
        .process((elements) => elements)
        .sinkTo(dynamodbSink({ table: "out", key: ["k"] }), { uid: "out" });
    });
    const world = await slotWorld(job);
    await pumped(world, ['{"k":"a","at":1.7723664e18}']);
    expect(await reasons(world)).toEqual([expect.stringContaining("it may be in nanoseconds")]);
  });

  test("that is further ahead of its arrival than maxAhead is a dead letter", async () => {
    const world = await slotWorld(countingJob({ maxAhead: { seconds: 10 } }));
    const nowMs = world.clock.nowMs();
    await pumped(world, [
      { k: "a", at: nowMs + 10_000 },
      { k: "a", at: nowMs + 10_001 },
      { k: "a", at: nowMs - 1_000_000 },
    ]);
    expect(await reasons(world)).toEqual([expect.stringMatching(/10001 ms ahead.*maxAhead/)]);
    expect((await sourceRow(world)).watermarks["in"]?.ms).toBe(nowMs + 9_999);
  });

  test("or is set back to it, where that is chosen", async () => {
    const world = await slotWorld(
      countingJob({ maxAhead: { seconds: 10 }, beyondMaxAhead: "clamp" }),
    );
    const nowMs = world.clock.nowMs();
    await pumped(world, [{ k: "a", at: nowMs + 90_000 }]);
    expect(await reasons(world)).toEqual([]);
    expect((await sourceRow(world)).watermarks["in"]?.ms).toBe(nowMs + 9_999);
  });

  test("is the arrival where there is no timestamp function", async () => {
    const job = defineJob("events", (env) => {
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<Event>() }), {
          uid: "in",
          watermarks: boundedOutOfOrderness({ bound: {} }),
        })
        .sinkTo(dynamodbSink({ table: "out", key: ["k"] }), { uid: "out" });
    });
    const world = await slotWorld(job);
    await pumped(world, [{ k: "a", at: null }]);
    expect((await sourceRow(world)).watermarks["in"]?.ms).toBe(world.clock.nowMs() - 1);
  });
});

describe("first event times that can hardly be", () => {
  async function warnings(events: readonly unknown[]) {
    const found: Readonly<Record<string, JsonValue>>[] = [];
    const telemetry: Telemetry = {
      count() {},
      alarm() {},
      log: (level, message, detail = {}) =>
        void (level === "warn" && message.includes("event times") && found.push(detail)),
    };
    const world = await slotWorld(countingJob(), { ports: { telemetry } });
    const { feed } = await pumped(world, events);
    await world.put("in", events, () => "a");
    await feed.pump("in");
    return found;
  }

  test("are warned about once, with their likely unit", async () => {
    expect(await warnings([{ k: "a", at: 1_772_366_400 }])).toEqual([
      expect.objectContaining({ timestampMs: 1_772_366_400, likelyUnit: "seconds" }),
    ]);
    expect(await warnings([{ k: "a", at: 1_772_366_400_000_000 }])).toEqual([
      expect.objectContaining({ likelyUnit: "microseconds" }),
    ]);
    expect(await warnings([{ k: "a", at: -5 }])).toEqual([
      expect.not.objectContaining({ likelyUnit: expect.anything() }),
    ]);
  });

  test("are no matter where they are of today's world", async () => {
    expect(await warnings([{ k: "a", at: 1_772_366_400_000 }])).toEqual([]);
  });
});

describe("a shard that gives no event time", () => {
  const idleAfter = { seconds: 1 };

  async function twoShards() {
    const world = await slotWorld(countingJob({ idleAfter }), { sourceShards: 2 });
    const environment = world.environment();
    const feed = driver({ world, pick: () => environment });
    const round = world.coordinator(() => environment);
    // By MD5, "a" is in the first of two shards and "b" in the second.
    const put = (key: string, events: readonly unknown[]) => world.put("in", events, () => key);
    return { world, feed, round, put };
  }
  const second = "shardId-000000000001";

  test("is idle after more than idleAfter, not at it", async () => {
    const { world, feed, round, put } = await twoShards();
    await put("a", [{ k: "a", at: 1_000 }]);
    await put("b", [{ k: "b", at: 1_000 }]);
    await feed.pump("in");
    const idle = async () =>
      [
        (await sourceRow(world)).watermarks["in"],
        (await sourceRow(world, second)).watermarks["in"],
      ].map((watermark) => watermark?.idle);
    world.clock.advance(1_000);
    await round();
    expect(await idle()).toEqual([false, false]);
    world.clock.advance(1);
    await round();
    expect(await idle()).toEqual([true, true]);
  });

  test("is not idle while there is more than what was handed over: the tip has not been seen", async () => {
    const { world, feed, put } = await twoShards();
    await put("b", [{ k: "b", at: 1_000 }]);
    await feed.pump("in");
    world.clock.advance(5_000);
    await put("b", ["{ no json"]);
    const unread = (await world.records("in", second)).slice(1);
    await put("b", [{ k: "b", at: 2_000 }]);
    await processBatch(world.environment(), { stream: "in", shardId: second, records: unread });
    expect((await sourceRow(world, second)).counters.deadLetters).toBe(1);
    expect((await sourceRow(world, second)).watermarks["in"]?.idle).toBe(false);
  });

  test("is idle though records keep coming, where none of them can be read", async () => {
    const { world, feed, round, put } = await twoShards();
    await put("a", [{ k: "a", at: 1_000 }]);
    for (let second = 0; second < 6; second++) {
      await put("b", ["{ no json"]);
      await put("a", [{ k: "a", at: 60_000 * (second + 1) }]);
      await feed.pump();
      world.clock.advance(500);
      await round();
    }
    await feed.pump();
    expect((await sourceRow(world, second)).watermarks["in"]?.idle).toBe(true);
    expect(await rowsOf(world.ports, "out")).not.toEqual([]);
    // Its next batch of garbage is handed over by the mapping, which knows of no tip.
    await put("b", ["{ no json"]);
    await feed.pump();
    expect((await sourceRow(world, second)).watermarks["in"]?.idle).toBe(true);
    await put("b", [{ k: "b", at: 400_000 }]);
    await feed.pump();
    expect((await sourceRow(world, second)).watermarks["in"]?.idle).toBe(false);
  });
});
