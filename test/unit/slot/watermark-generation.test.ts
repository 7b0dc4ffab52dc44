import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  customWatermarks,
  type CustomWatermarksOptions,
  defineJob,
  noRestart,
  tumblingWindows,
  unchecked,
} from "../../../runtime/index.ts";
import { unpackDeadLetters } from "../../../runtime/job/dead-letter-objects.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";

interface Event {
  readonly k: string;
  readonly at: number;
  /** A marker: nothing up to this time comes any more. */
  readonly upTo?: number;
}

interface Seen {
  maxMs: number;
  periods: number;
}

type Options = Partial<CustomWatermarksOptions<Event, Seen>>;

/** Counts by key and second. Options decide about the watermark. */
function countingJob(options: Options, { aligned = false } = {}) {
  return defineJob(
    "events",
    (env) => {
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<Event>() }), {
          uid: "in",
          watermarks: customWatermarks<Event, Seen>({
            timestamp: ({ at }) => at,
            initial: () => ({ maxMs: 0, periods: 0 }),
            ...options,
          }),
          ...(aligned && { partitionedBy: "k" as const }),
        })
        .keyBy("k")
        .window(tumblingWindows({ size: { seconds: 1 } }), { uid: "counts" })
        .aggregate(
          { create: () => 0, add: (n) => n + 1, result: (n) => n },
          (n, { key, window }) => ({ k: key, startMs: window.startMs, n }),
        )
        .sinkTo(dynamodbSink({ table: "out", key: ["k", "startMs"] }), { uid: "out" });
    },
    { restart: noRestart() },
  );
}

const punctuated: Options = {
  onEvent: ({ upTo }, { emitWatermark }) => {
    if (upTo !== undefined) emitWatermark(upTo);
  },
};

const periodic: Options = {
  onEvent: ({ at }, { state }) => void (state.maxMs = Math.max(state.maxMs, at)),
  onPeriodicEmit: ({ state, emitWatermark }) => {
    state.periods += 1;
    emitWatermark(state.maxMs - 500);
  },
};

/** Every batch is a fresh environment's. */
function cold(world: SlotWorld) {
  return driver({ world, pick: () => world.environment() });
}

const sourceRow = async ({ ports }: SlotWorld, id = "shardId-000000000000") =>
  (await listProgress(ports, { job: "events", generation: 1 })).find(
    ({ slot }) => slot === `in/${id}`,
  )!;

const watermarkOf = async (world: SlotWorld) => (await sourceRow(world)).watermarks["in"];

async function letters({ ports }: SlotWorld) {
  const found = [];
  for await (const key of ports.objects.list("events/1/dead-letters/"))
    found.push(...unpackDeadLetters((await ports.objects.get(key))!));
  return found;
}

describe("a punctuated generator", () => {
  test("raises the watermark by what elements say, and by nothing else", async () => {
    const world = await slotWorld(countingJob(punctuated));
    const feed = cold(world);
    await world.put("in", [{ k: "a", at: 5_000 }], () => "a");
    await feed.pump();
    expect(await watermarkOf(world)).toEqual({ ms: Number.NEGATIVE_INFINITY, idle: false });
    await world.put("in", [{ k: "a", at: 100, upTo: 2_000 }], () => "a");
    await feed.pump();
    expect(await watermarkOf(world)).toEqual({ ms: 2_000, idle: false });
    await world.put("in", [{ k: "a", at: 100, upTo: 1_000 }], () => "a");
    await feed.pump();
    expect(await watermarkOf(world)).toEqual({ ms: 2_000, idle: false });
  });

  test("goes on behind its element: the marker itself is in time, and what follows it is late", async () => {
    const world = await slotWorld(countingJob(punctuated, { aligned: true }));
    const feed = cold(world);
    await world.put(
      "in",
      [
        { k: "a", at: 100 },
        { k: "a", at: 200, upTo: 999 },
        { k: "a", at: 300 },
        { k: "a", at: 1_300 },
      ],
      () => "a",
    );
    await feed.pump();
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","n":2,"startMs":0}']);
    expect((await sourceRow(world)).counters.operators["counts/counts"]).toEqual([4, 1]);
  });

  test("that throws makes its element a dead letter, which nothing behind has seen", async () => {
    const world = await slotWorld(
      countingJob({
        onEvent: ({ at }, { emitWatermark }) => emitWatermark(at < 0 ? Number.NaN : at),
      }),
    );
    const feed = cold(world);
    await world.put(
      "in",
      [
        { k: "a", at: 5_000 },
        { k: "a", at: -1 },
        { k: "a", at: 6_000 },
      ],
      () => "a",
    );
    await feed.pump();
    expect(await letters(world)).toEqual([
      expect.objectContaining({
        operator: "in",
        timestampMs: -1,
        reason: expect.stringContaining("The watermark NaN is no whole number"),
      }),
    ]);
    expect((await watermarkOf(world))?.ms).toBe(6_000);
  });

  test("that keeps what is no data is told by the element that it kept", async () => {
    const world = await slotWorld(
      countingJob({
        onEvent: ({ at }, ctx) => {
          if (at === 2) Object.assign(ctx.state, { kept: () => at });
        },
      }),
    );
    const feed = cold(world);
    await world.put(
      "in",
      [1, 2, 3].map((at) => ({ k: "a", at })),
      () => "a",
    );
    await feed.pump();
    expect(await letters(world)).toEqual([expect.objectContaining({ operator: "in" })]);
    expect((await sourceRow(world)).counters.records).toBe(3);
  });
});

describe("a periodic generator", () => {
  test("emits at the end of each batch, from what it remembers over cold starts", async () => {
    const world = await slotWorld(countingJob(periodic));
    const feed = cold(world);
    await world.put("in", [{ k: "a", at: 5_000 }], () => "a");
    await feed.pump();
    expect((await watermarkOf(world))?.ms).toBe(4_500);
    await world.put("in", [{ k: "a", at: 1_000 }], () => "a");
    await feed.pump();
    expect((await watermarkOf(world))?.ms).toBe(4_500);
  });

  test("runs every so often where nothing comes, and time may go on with the clock", async () => {
    const world = await slotWorld(
      countingJob({
        every: { seconds: 1 },
        onPeriodicEmit: ({ nowMs, emitWatermark }) => emitWatermark(nowMs - 10_000),
      }),
    );
    const round = world.coordinator(() => world.environment());
    await world.put("in", [{ k: "a", at: 5_000 }], () => "a");
    await cold(world).pump();
    const beforeMs = world.clock.nowMs();
    world.clock.advance(999);
    await round();
    expect((await watermarkOf(world))?.ms).toBe(beforeMs - 10_000);
    world.clock.advance(1);
    await round();
    expect((await watermarkOf(world))?.ms).toBe(beforeMs + 1_000 - 10_000);
    await cold(world).pump();
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","n":1,"startMs":5000}']);
  });

  test("remembers what it counts where nothing else changes", async () => {
    const world = await slotWorld(
      countingJob({
        every: { seconds: 1 },
        onPeriodicEmit: ({ state, markIdle, markActive }) => {
          state.periods += 1;
          if (state.periods === 3) markIdle();
          if (state.periods === 4) markActive();
        },
      }),
    );
    const round = world.coordinator(() => world.environment());
    await world.put("in", [{ k: "a", at: 5_000 }], () => "a");
    await cold(world).pump();
    const idle = [];
    for (let period = 0; period < 3; period++) {
      world.clock.advance(1_000);
      await round();
      idle.push((await watermarkOf(world))?.idle);
    }
    expect(idle).toEqual([false, true, false]);
  });

  test("that throws is told, and keeps neither half of a state nor the watermark", async () => {
    const world = await slotWorld(
      countingJob({
        onPeriodicEmit: ({ state, emitWatermark }) => {
          state.periods += 1;
          emitWatermark(1_000 * state.periods);
          throw new Error("no");
        },
      }),
    );
    await world.put("in", [{ k: "a", at: 5_000 }], () => "a");
    await cold(world).pump();
    expect(await letters(world)).toEqual([
      expect.objectContaining({
        operator: "in",
        reason: "no",
        timer: expect.objectContaining({ name: "onPeriodicEmit" }),
      }),
    ]);
    expect((await watermarkOf(world))?.ms).toBe(Number.NEGATIVE_INFINITY);
    expect((await sourceRow(world)).counters.records).toBe(1);
  });
});

test("a generator whose beginning fails is named, with its source", async () => {
  const world = await slotWorld(
    countingJob({
      ...punctuated,
      initial: () => {
        throw new Error("no beginning");
      },
    }),
  );
  const feed = driver({ world, pick: () => world.environment() });
  await world.put("in", [{ k: "a", at: 1 }], () => "a");
  await expect(feed.pump()).rejects.toMatchObject({
    code: "watermark-generator-failed",
    message: expect.stringContaining('"in" fails: no beginning') as string,
  });
});
