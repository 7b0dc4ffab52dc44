import { describe, expect, test } from "vitest";
import { elementType, tumblingWindows, valueState } from "../../../runtime/index.ts";
import { catchUp } from "../../../runtime/slot/catch-up.ts";
import type { SlotEnvironment } from "../../../runtime/slot/image/environment.ts";
import { retryJudge } from "../../../runtime/slot/step/retries.ts";
import { slotOfShard } from "../../../runtime/job/slot-ref.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import {
  firstShard,
  kOf,
  lettersOf,
  type Reading,
  reading,
  type Readings,
  readingsJob,
} from "./readings.ts";

interface Sum {
  readonly k: string;
  readonly sum: number;
}

/** Sums by key, changing its state in place before it fails on n = -1. */
const sums = (readings: Readings) =>
  readings.process({
    uid: "sums",
    state: { sum: valueState<{ sum: number }>() },
    emits: elementType<Sum>(),
    onElement({ k, n }, ctx) {
      const kept = ctx.state.sum.get() ?? { sum: 0 };
      kept.sum += n;
      ctx.state.sum.set(kept);
      if (n === -1) throw new RangeError("n is -1");
      ctx.emit({ k, sum: kept.sum });
    },
  });

async function deadLettersByOperator({ ports }: SlotWorld): Promise<unknown> {
  const [slot] = await listProgress(ports, { job: "readings", generation: 1 });
  return slot?.counters.deadLettersByOperator;
}

describe("user code that fails", () => {
  test("what comes before the failing record is committed, and the batch fails at that record", async () => {
    const world = await slotWorld(readingsJob(sums, { aligned: true }));
    await world.put(
      "in",
      [reading("a", 1), reading("a", 2), reading("a", -1), reading("a", 4)],
      kOf,
    );
    const records = await world.records("in", firstShard);
    const outcome = await processBatch(world.environment(), {
      stream: "in",
      shardId: firstShard,
      records,
    });
    expect(outcome).toEqual({ failedSequence: records[2]!.sequence });
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","sum":3}']);
    expect(await lettersOf(world)).toEqual([]);
  });

  test("attempts are counted over invocations of different environments, then the record is a dead letter and the job goes on", async () => {
    const world = await slotWorld(readingsJob(sums, { aligned: true, attempts: 2 }));
    const values = [reading("a", 1), reading("a", -1), reading("a", 4)];
    await world.put("in", values, kOf);
    const all = await world.records("in", firstShard);
    const batch = { stream: "in", shardId: firstShard };
    const failed = { failedSequence: all[1]!.sequence };
    expect(await processBatch(world.environment(), { ...batch, records: all })).toEqual(failed);
    const records = all.slice(1);
    expect(await processBatch(world.environment(), { ...batch, records })).toEqual(failed);
    expect(await processBatch(world.environment(), { ...batch, records })).toEqual({});
    // The failed attempts changed the state in place: nothing of that is left.
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","sum":5}']);
    const [only, ...others] = await lettersOf(world);
    expect(others).toEqual([]);
    // The second commit of the slot: named by it, whatever the record.
    expect(only!.key).toBe("readings/1/dead-letters/in/shardId-000000000000/2-0.jsonl");
    expect(only!.letter).toMatchObject({
      format: 1,
      sequence: all[1]!.sequence,
      kind: "user-code",
      slot: "in/shardId-000000000000",
      payload: JSON.stringify(values[1]),
      timestampMs: 1_000,
      operator: "sums",
    });
    expect(only!.letter["reason"]).toContain("n is -1");
    expect(world.alarms.map(({ code }) => code)).toEqual(["dead-letters"]);
    expect(await deadLettersByOperator(world)).toEqual({ "sums/sums": 1 });
  });

  test("an element of a frame that keeps failing is a dead letter, and the rest of the frame is applied once", async () => {
    const world = await slotWorld(readingsJob(sums));
    const values = [
      reading("a", 1),
      reading("b", -1),
      reading("a", 2),
      reading("c", -1),
      reading("b", 8),
    ];
    await world.put("in", values, kOf);
    await world.ports.admin.endStream("in");
    const environment = world.environment();
    const feed = driver({ world, pick: () => environment });
    await feed.untilEnded(world.coordinator(() => environment));
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","sum":3}', '{"k":"b","sum":8}']);
    const payloads = (await lettersOf(world)).map(({ letter }) => letter["payload"]);
    expect(payloads.sort()).toEqual([JSON.stringify(values[1]), JSON.stringify(values[3])]);
  });

  test("state that can't be encoded counts as a failure of its record", async () => {
    const unencodable = (readings: Readings) =>
      readings.process({
        uid: "sums",
        state: { last: valueState<unknown>() },
        emits: elementType<Sum>(),
        onElement({ k, n }, ctx) {
          ctx.state.last.set(n === -1 ? Symbol("not data") : { n });
          ctx.emit({ k, sum: n });
        },
      });
    const world = await slotWorld(readingsJob(unencodable, { aligned: true, attempts: 0 }));
    await world.put("in", [reading("a", 1), reading("b", -1), reading("c", 3)], kOf);
    const records = await world.records("in", firstShard);
    const batch = { stream: "in", shardId: firstShard, records };
    expect(await processBatch(world.environment(), batch)).toEqual({});
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","sum":1}', '{"k":"c","sum":3}']);
    expect(await lettersOf(world)).toHaveLength(1);
  });
});

describe("input that can't be decoded", () => {
  test("goes to the dead letters at once, with its text, and blocks nothing", async () => {
    const world = await slotWorld(readingsJob(sums, { aligned: true }));
    await world.put("in", ["{not json", JSON.stringify(reading("a", 5))], () => "a");
    const records = await world.records("in", firstShard);
    const batch = { stream: "in", shardId: firstShard, records };
    expect(await processBatch(world.environment(), batch)).toEqual({});
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","sum":5}']);
    const [only] = await lettersOf(world);
    expect(only!.letter).toMatchObject({ kind: "undecodable", payload: "{not json" });
    // Handed over again it is skipped: neither counted nor written a second time.
    await processBatch(world.environment(), batch);
    expect(world.alarms).toHaveLength(1);
    expect(await deadLettersByOperator(world)).toEqual({ "in/in": 1 });
  });
});

describe("a timer whose function fails", () => {
  /** Sets a timer 100 ms after each element; it throws for the key "bad", at most `throwsMax` times. */
  const timed = (kind: "event" | "processing", throwsMax = 200) => {
    let thrown = 0;
    return (readings: Readings) =>
      readings.process({
        uid: "timed",
        emits: elementType<Sum>(),
        onElement(_, ctx) {
          const at = kind === "event" ? ctx.timestampMs : ctx.nowMs;
          ctx.timers[kind]("soon").set(at + 100);
        },
        onTimer: {
          soon(ctx) {
            // Bounded, so that a runtime that retries for ever fails the test and does not hang it.
            if (ctx.key === "bad" && ++thrown <= throwsMax) throw new Error("bad key");
            ctx.emit({ k: ctx.key, sum: thrown > throwsMax ? -1 : 1 });
          },
        },
      });
  };

  for (const kind of ["event", "processing"] as const) {
    for (const aligned of [true, false]) {
      test(`${kind} time, ${aligned ? "aligned" : "behind an exchange"}: it is a dead letter after its attempts, the other timers fire, and the job ends`, async () => {
        const world = await slotWorld(readingsJob(timed(kind), { aligned }));
        const readings = [reading("good", 1), reading("bad", 1), reading("fine", 1)];
        await world.put("in", readings, kOf);
        await world.ports.admin.endStream("in");
        const environment = world.environment();
        const feed = driver({ world, pick: () => environment });
        await feed.untilEnded(world.coordinator(() => environment));
        expect(await rowsOf(world.ports, "out")).toEqual([
          '{"k":"fine","sum":1}',
          '{"k":"good","sum":1}',
        ]);
        const found = await lettersOf(world);
        expect(found).toHaveLength(1);
        expect(found[0]!.letter).toMatchObject({ kind: "user-code", timer: { key: "bad" } });
      });
    }
  }
});

test("a window whose result fails keeps its elements: with a late one it counts all of them", async () => {
  const broken = { result: true };
  const counting = (readings: Readings) =>
    readings
      .window(tumblingWindows({ size: { seconds: 1 } }), {
        uid: "counts",
        allowedLateness: { minutes: 1 },
      })
      .aggregate({ create: () => 0, add: (n) => n + 1, result: (n) => n }, (sum, { key }): Sum => {
        if (broken.result && key === "a") throw new Error("no result");
        return { k: key, sum };
      });
  const world = await slotWorld(readingsJob(counting, { aligned: true, attempts: 0 }));
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  await world.put(
    "in",
    [1, 2, 3].map((n) => reading("a", n)),
    kOf,
  );
  await world.put("in", [reading("b", 1, 3_000)], kOf);
  await feed.pump();
  expect((await lettersOf(world)).map(({ letter }) => letter["timer"])).toMatchObject([
    { stage: "counts", name: "counts/windows/1000/2000", key: "a", timeMs: 1_999 },
  ]);
  // A late element is not at fault where the result goes on failing.
  await world.put("in", [reading("a", 4), reading("b", 2, 3_500)], kOf);
  await feed.pump();
  expect((await lettersOf(world)).map(({ letter }) => letter["payload"])).toEqual(["", ""]);
  broken.result = false;
  await world.put("in", [reading("a", 4), reading("b", 2, 4_000)], kOf);
  await feed.pump();
  expect((await rowsOf(world.ports, "out"))[0]).toBe('{"k":"a","sum":5}');
});

test("a slot that stopped before its fence reads what lies between, whatever is handed over next", async () => {
  const world = await slotWorld(readingsJob(sums, { aligned: true }), {
    settings: { fenceSkewMs: 50 },
  });
  const environment = world.environment();
  await world.put("in", [reading("a", 1), reading("a", -1), reading("a", 2)], kOf);
  world.clock.advance(100);
  await world.put("in", [reading("a", 4), reading("a", 8)], kOf);
  const [shard] = await world.ports.reader.listShards("in");
  const slot = { stream: "in", shardId: shard!.shardId };
  // The look reads all five, and stops before the second.
  await processBatch(environment, { ...slot, records: [] });
  const records = (await world.records("in", slot.shardId)).slice(3);
  for (let attempt = 0; attempt < 5; attempt++)
    await processBatch(environment, { ...slot, records });
  await world.ports.admin.endStream("in");
  const feed = driver({ world, pick: () => environment });
  await feed.untilEnded(world.coordinator(() => environment));
  expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","sum":15}']);
  expect(await lettersOf(world)).toHaveLength(1);
});

describe("timers that stand in the queue more than once, or fail side by side", () => {
  const flushing = (set: (at: number, n: number) => number) => (readings: Readings) =>
    readings.process({
      uid: "flushing",
      emits: elementType<Sum>(),
      onElement({ n, atMs }, ctx) {
        ctx.timers.event("flush").set(set(atMs, n));
      },
      onTimer: {
        flush(ctx) {
          throw new Error(`no flush of ${ctx.key}`);
        },
      },
    });

  test("a timer that was set to a time, away from it and back is one dead letter", async () => {
    // 1,100, then 1,500, then 1,100 again.
    const world = await slotWorld(readingsJob(flushing((at, n) => at + (n === 2 ? 500 : 100))));
    await world.put(
      "in",
      [1, 2, 3].map((n) => reading("a", n)),
      kOf,
    );
    await world.ports.admin.endStream("in");
    const environment = world.environment();
    const feed = driver({ world, pick: () => environment });
    await feed.untilEnded(world.coordinator(() => environment));
    const found = await lettersOf(world);
    expect(found.map(({ letter }) => letter["timer"])).toMatchObject([
      { stage: "flushing", name: "flushing/timers/event:flush", key: "a", timeMs: 1_100 },
    ]);
  });

  test("attempts are counted for each, although now one and now the other fails first", async () => {
    const world = await slotWorld(
      readingsJob(
        flushing((at) => at + 100),
        { attempts: 3 },
      ),
    );
    const environment = world.environment();
    const keys = ["a", "b", "c", "d"];
    await world.put(
      "in",
      keys.map((k) => reading(k, 1)),
      kOf,
    );
    await world.ports.admin.endStream("in");
    const image = await imageOf(world, environment);
    const failed = async (place: string) => {
      const failure = { sequence: "1", element: 0, atEnd: false, place, error: "no" };
      const judge = retryJudge({ restart: { kind: "fixed-delay", attempts: 3, delayMs: 10 } });
      const { attempts, delayMs } = await judge(image, failure);
      return delayMs === undefined ? "given up" : attempts;
    };
    expect(await failed("timer/a")).toBe(1);
    expect(await failed("timer/b")).toBe(1);
    expect(await failed("timer/a")).toBe(2);
    expect(await failed("timer/b")).toBe(2);
    for (let place = 0; place < 98; place++) expect(await failed(`timer/${place}`)).toBe(1);
    // So many places of one element are counted; the rest get no further attempts, so that the shard goes on.
    expect(await failed("timer/98")).toBe("given up");
    expect(await failed("timer/a")).toBe(3);
    expect(await failed("timer/a")).toBe("given up");
    const feed = driver({ world, pick: () => environment });
    await feed.untilEnded(world.coordinator(() => environment));
    expect(await lettersOf(world)).toHaveLength(keys.length);
  });
});

async function imageOf(world: SlotWorld, environment: SlotEnvironment) {
  const [shard] = await world.ports.reader.listShards("in");
  const slot = slotOfShard(world.runtime, "in", shard!.shardId);
  return (await catchUp(environment, world.generation, slot))!;
}

describe("processing-time timers and the end of the job", () => {
  test("the job ends although a timer was cleared before it was due", async () => {
    const clearing = (readings: Readings) =>
      readings.process({
        uid: "clearing",
        emits: elementType<Sum>(),
        onElement({ k, n }, ctx) {
          const timer = ctx.timers.processing("late");
          if (n === 1) timer.set(ctx.nowMs + 1_000);
          else timer.clear();
          ctx.emit({ k, sum: n });
        },
        onTimer: { late: (ctx) => ctx.emit({ k: ctx.key, sum: 99 }) },
      });
    const world = await slotWorld(readingsJob(clearing));
    const environment = world.environment();
    const feed = driver({ world, pick: () => environment });
    for (const n of [1, 2]) {
      await world.put("in", [reading("a", n)], kOf);
      while (await feed.pump());
    }
    await world.ports.admin.endStream("in");
    await feed.untilEnded(world.coordinator(() => environment));
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","sum":2}']);
  });

  test("what a timer emits after the end of the input still counts in windows behind it", async () => {
    const counting = {
      create: () => ({ n: 0 }),
      add: (sum: { n: number }) => ({ n: sum.n + 1 }),
      result: ({ n }: { n: number }) => n,
    };
    const delayed = (readings: Readings) =>
      readings
        .process({
          uid: "delay",
          state: { kept: valueState<Reading>() },
          emits: elementType<Reading>(),
          onElement(value, ctx) {
            ctx.state.kept.set(value);
            ctx.timers.processing("later").set(ctx.nowMs + 5_000);
          },
          onTimer: { later: (ctx) => ctx.emit(ctx.state.kept.get()!) },
        })
        .keyBy(({ n }) => `n${n}`)
        .window(tumblingWindows({ size: { seconds: 10 } }), {
          uid: "windows",
          allowedLateness: { hours: 1_000 },
        })
        .aggregate(counting, (sum, { key }): Sum => ({ k: key, sum }));
    const world = await slotWorld(readingsJob(delayed), { exchangeShards: 2 });
    const environment = world.environment();
    await world.put("in", [reading("a", 1), reading("b", 1), reading("c", 2)], kOf);
    await world.ports.admin.endStream("in");
    const feed = driver({ world, pick: () => environment });
    await feed.untilEnded(
      world.coordinator(() => environment),
      100,
    );
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"n1","sum":2}', '{"k":"n2","sum":1}']);
  });
});

test.each([
  ["undefined", undefined],
  ["null", null],
  ["NaN", Number.NaN],
])(
  "what throws %s in an element or a timer is no success: it is a dead letter",
  async (_, what) => {
    const throwing = (readings: Readings) =>
      readings.process({
        uid: "throwing",
        emits: elementType<Sum>(),
        onElement({ k, n, atMs }, ctx) {
          // oxlint-disable-next-line typescript/only-throw-error -- what is no error at all is the case
          if (n === 1) throw what;
          if (n === 2) ctx.timers.event("soon").set(atMs + 1);
          else ctx.emit({ k, sum: n });
        },
        onTimer: {
          soon() {
            // oxlint-disable-next-line typescript/only-throw-error -- see above
            throw what;
          },
        },
      });
    const world = await slotWorld(readingsJob(throwing, { aligned: true, attempts: 0 }));
    await world.put("in", [reading("a", 1), reading("b", 2), reading("c", 3, 2_000)], kOf);
    const records = await world.records("in", firstShard);
    await processBatch(world.environment(), { stream: "in", shardId: firstShard, records });
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"c","sum":3}']);
    expect((await lettersOf(world)).map(({ letter }) => letter["key"])).toEqual(["a", "b"]);
  },
);
