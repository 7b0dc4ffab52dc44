import { describe, expect, test } from "vitest";
import { storeError } from "../../../runtime/errors/millrace-error.ts";
import { elementType, tumblingWindows } from "../../../runtime/index.ts";
import type { Ports, StreamRecord } from "../../../runtime/ports/index.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { gatedPorts } from "../../integration/gated-ports.ts";
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

interface Out {
  readonly k: string;
  readonly n: number;
}

const counting = {
  create: () => ({ n: 0 }),
  add: (sum: { n: number }) => ({ n: sum.n + 1 }),
  result: ({ n }: { n: number }) => n,
};

const windows = (readings: Readings) =>
  readings
    .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "windows" })
    .aggregate(counting, (n, { key }): Out => ({ k: key, n }));

const keys = (count: number, atMs = 1_000): Reading[] =>
  Array.from({ length: count }, (_, index) => reading(`k${index}`, index, atMs));

/** As on Lambda: once the time is over nothing that the process begins gets anywhere. */
function killedAt(world: SlotWorld, endMs: number): Ports {
  return gatedPorts(world.ports, () => {
    if (world.clock.nowMs() < endMs) return;
    throw storeError("process-gone", { message: "The process is gone.", retryable: true });
  });
}

/** Hands records over until all are done, in invocations of `timeMs` each; answers how many that took. */
async function invocations(
  world: SlotWorld,
  batch: { stream: string; records: readonly StreamRecord[] },
  timeMs: number,
): Promise<number> {
  let { records } = batch;
  for (let invocation = 1; invocation <= 30; invocation++) {
    const endMs = world.clock.nowMs() + timeMs;
    const deadline = { remainingMs: () => endMs - world.clock.nowMs() };
    const environment = world.environment(killedAt(world, endMs));
    try {
      const { failedSequence } = await processBatch(environment, {
        stream: batch.stream,
        shardId: firstShard,
        records,
        deadline,
      });
      if (failedSequence === undefined) return invocation;
      records = records.slice(records.findIndex(({ sequence }) => sequence === failedSequence));
    } catch {
      // All are handed over again.
    }
  }
  return Number.POSITIVE_INFINITY;
}

describe("a batch that needs more time than its invocation has", () => {
  test("is processed over several: what is done by then is committed, and the rest is given back", async () => {
    let world: SlotWorld | undefined = undefined;
    const slow = (readings: Readings) =>
      readings.process({
        uid: "slow",
        emits: elementType<Out>(),
        onElement({ k }, ctx) {
          world?.clock.advance(100);
          ctx.emit({ k, n: 1 });
        },
      });
    world = await slotWorld(readingsJob(slow, { aligned: true }));
    await world.put("in", keys(30), kOf);
    const records = await world.records("in", firstShard);
    expect(await invocations(world, { stream: "in", records }, 2_000)).toBeLessThan(5);
    expect(await rowsOf(world.ports, "out")).toHaveLength(30);
  });

  test("the clock is looked at for each element: slow ones may come after many that took no time", async () => {
    let world: SlotWorld | undefined = undefined;
    const slowAtLast = (readings: Readings) =>
      readings.process({
        uid: "slow",
        emits: elementType<Out>(),
        onElement({ k }, ctx) {
          if (Number(k.slice(1)) >= 260) world?.clock.advance(100);
          ctx.emit({ k, n: 1 });
        },
      });
    world = await slotWorld(readingsJob(slowAtLast, { aligned: true }));
    await world.put("in", keys(290), kOf);
    const records = await world.records("in", firstShard);
    expect(await invocations(world, { stream: "in", records }, 2_000)).toBeLessThan(6);
    expect(await rowsOf(world.ports, "out")).toHaveLength(290);
  });

  test("timers that a watermark releases are part of it, in a source's slot and behind an exchange", async () => {
    for (const aligned of [true, false]) {
      let world: SlotWorld | undefined = undefined;
      const slow = (readings: Readings) =>
        readings.process({
          uid: "slow",
          emits: elementType<Out>(),
          onElement: ({ atMs }, ctx) => ctx.timers.event("soon").set(atMs + 10),
          onTimer: {
            soon(ctx) {
              world?.clock.advance(100);
              ctx.emit({ k: ctx.key, n: 1 });
            },
          },
        });
      world = await slotWorld(readingsJob(slow, { aligned }));
      const environment = world.environment();
      const feed = driver({ world, pick: () => environment });
      await world.put("in", keys(30), kOf);
      while (await feed.pump());
      await world.put("in", [reading("later", 0, 60_000)], kOf);
      if (!aligned) {
        while (await feed.pump("in"));
        await world.coordinator(() => environment)();
      }
      const stream = aligned ? "in" : world.exchange;
      const records = (await world.records(stream, firstShard)).slice(-1);
      expect(await invocations(world, { stream, records }, 2_000)).toBeLessThan(5);
      expect(await rowsOf(world.ports, "out")).toHaveLength(30);
    }
  });
});

describe("what one step gives out is bounded", () => {
  const settings = { stepMaxWrites: 50, inlineMaxBytes: 390_000 };

  test("400 windows that fire at once are eight commits", async () => {
    const world = await slotWorld(readingsJob(windows, { aligned: true }), { settings });
    const environment = world.environment();
    await world.put("in", keys(400), kOf);
    await world.put("in", keys(1, 60_000), kOf);
    const records = await world.records("in", firstShard);
    const calls: number[] = [];
    const tables = {
      ...world.ports.tables,
      write: async (...args: Parameters<typeof world.ports.tables.write>) => {
        calls.push(args[1].length);
        return await world.ports.tables.write(...args);
      },
    };
    await processBatch(world.environment({ ...world.ports, tables }), {
      stream: "in",
      shardId: firstShard,
      records,
    });
    expect(await rowsOf(world.ports, "out")).toHaveLength(400);
    const [slot] = await listProgress(world.ports, { job: "readings", generation: 1 });
    expect(slot!.version).toBeGreaterThanOrEqual(8);
    expect(Math.max(...calls)).toBeLessThanOrEqual(50);
    await world.ports.admin.endStream("in");
    const feed = driver({ world, pick: () => environment });
    await feed.untilEnded(world.coordinator(() => environment));
  });

  test("a watermark is passed on when all that it releases has fired, whoever goes on with it", async () => {
    let fired = 0;
    const twoStages = (readings: Readings) =>
      readings
        .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "windows" })
        .aggregate(counting, (n, { key }): Out => {
          fired += 1;
          return { k: key, n };
        })
        .keyBy(({ n }) => `all${n}`)
        .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "all" })
        .aggregate(counting, (n, { key, window }): Out => ({ k: `${key} ${window.startMs}`, n }));
    const world = await slotWorld(readingsJob(twoStages, { aligned: false }), {
      settings: { stepMaxSent: 1 },
    });
    const environment = world.environment();
    const feed = driver({ world, pick: () => environment });
    const round = world.coordinator(() => environment);
    await world.put("in", keys(60), kOf);
    await world.put("in", keys(1, 25_000), kOf);
    while (await feed.pump());
    await round();
    // The invocation is over when the first of the windows has fired.
    const records = await world.records(world.exchange, firstShard);
    const deadline = { remainingMs: () => (fired === 0 ? 1_000 : 100) };
    const { failedSequence } = await processBatch(world.environment(), {
      stream: world.exchange,
      shardId: firstShard,
      records,
      deadline,
    });
    expect(failedSequence).toBe(records.at(-1)!.sequence);
    const shown = async () => {
      const rows = await listProgress(world.ports, { job: "readings", generation: 1 });
      return rows.find(({ slot }) => slot.startsWith("exchange/"))!;
    };
    const { watermarks, nextTimerMs } = await shown();
    expect(watermarks["windows"]!.ms).toBe(Number.NEGATIVE_INFINITY);
    // Somebody looks after it, should the batch never be handed over again.
    expect(nextTimerMs).toBeDefined();
    await round();
    await world.ports.admin.endStream("in");
    await feed.untilEnded(round, 200);
    expect(await rowsOf(world.ports, "out")).toEqual([
      '{"k":"all1 0","n":60}',
      '{"k":"all1 20000","n":1}',
    ]);
  });

  for (const aligned of [true, false]) {
    test(`${aligned ? "aligned" : "behind an exchange"}: a timer that fails among those that are left is one dead letter, and the others fire`, async () => {
      for (const kind of ["throws", "leaves what can't be encoded"] as const) {
        const failing = (readings: Readings) =>
          readings.process({
            uid: "failing",
            emits: elementType<Out>(),
            onElement: ({ atMs }, ctx) => ctx.timers.event("soon").set(atMs + 10),
            onTimer: {
              soon(ctx) {
                if (ctx.key === "k3" && kind === "throws") throw new Error("no");
                ctx.emit({ k: ctx.key, n: ctx.key === "k3" ? (1n as unknown as number) : 1 });
              },
            },
          });
        const world = await slotWorld(readingsJob(failing, { aligned }), {
          settings: { stepMaxWrites: 1 },
        });
        const environment = world.environment();
        await world.put("in", keys(6), kOf);
        await world.ports.admin.endStream("in");
        const feed = driver({ world, pick: () => environment });
        await feed.untilEnded(world.coordinator(() => environment));
        expect(await rowsOf(world.ports, "out")).toHaveLength(5);
        const timers = (await lettersOf(world)).map(({ letter }) => letter["timer"]);
        expect(timers).toMatchObject([{ key: "k3" }]);
      }
    });
  }
});

test("frames are opened as they are processed: a batch of them is never in memory at once", async () => {
  const world = await slotWorld(readingsJob(windows, { aligned: false }), {
    settings: { stepMaxBytes: 2_000, frameInlineMaxBytes: 100 },
  });
  const environment = world.environment();
  for (let at = 0; at < 10; at++) {
    const readings = keys(40, 1_000 + at).map((reading) => ({ ...reading, text: "x".repeat(20) }));
    await world.put("in", readings, kOf);
    const records = (await world.records("in", firstShard)).slice(-40);
    await processBatch(environment, { stream: "in", shardId: firstShard, records });
  }
  let [opened, most] = [0, 0];
  const ports = gatedPorts(world.ports, (place) => {
    if (place === "objects.get") most = Math.max(most, ++opened);
    if (place === "log.append") opened = 0;
  });
  const records = await world.records(world.exchange, firstShard);
  expect(records.length).toBeGreaterThanOrEqual(10);
  const batch = { stream: world.exchange, shardId: firstShard, records };
  expect(await processBatch(world.environment(ports), batch)).toEqual({});
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(6);
});
