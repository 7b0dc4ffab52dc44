import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedRun, openJob, type OpenedJob, putRecords } from "../../../dev/index.ts";
import { reshardTo } from "../../../dev/reshard.ts";
import {
  aggregatingState,
  defineJob,
  elementType,
  listState,
  mapState,
  noWatermarks,
  reducingState,
  unchecked,
  valueState,
} from "../../../runtime/index.ts";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import { patienceMs } from "../../patience.ts";

interface Reading {
  readonly sensor: number;
  readonly degrees: number;
}

const kept = {
  last: valueState<Reading>(),
  highest: reducingState<number>((one, other) => Math.max(one, other)),
  mean: aggregatingState({
    create: () => ({ n: 0, sum: 0 }),
    add: ({ n, sum }, degrees: number) => ({ n: n + 1, sum: sum + degrees }),
    result: ({ n, sum }) => sum / n,
  }),
  all: listState<number>(),
  seen: mapState<number, boolean>(),
  recent: valueState<number>({ ttl: { after: { days: 1 } } }),
  past: valueState<number>({ ttl: { after: { milliseconds: 1 } } }),
};

const job = defineJob("sensors", (env) => {
  env
    .source(kinesisSource({ stream: "readings", schema: unchecked<Reading>() }), {
      uid: "readings",
      watermarks: noWatermarks(),
    })
    .keyBy("sensor")
    .process({
      uid: "sensors",
      state: kept,
      emits: elementType<Reading>(),
      onElement(reading, { state, emit }) {
        state.last.set(reading);
        state.highest.add(reading.degrees);
        state.mean.add(reading.degrees);
        state.all.add(reading.degrees);
        state.seen.set(reading.degrees, true);
        state.recent.set(reading.degrees);
        state.past.set(reading.degrees);
        emit(reading);
      },
    })
    .sinkTo(dynamodbSink({ table: "last", key: ["sensor"] }), { uid: "rows" });
});

let opened: OpenedJob;
let run: EmbeddedRun;
beforeAll(async () => {
  opened = await openJob(job);
  run = await opened.run();
});
afterAll(() => opened.close());

async function put(readings: readonly Reading[]): Promise<void> {
  const entries = readings.map((reading) => ({
    partitionKey: String(reading.sensor),
    data: new TextEncoder().encode(JSON.stringify(reading)),
  }));
  await putRecords({ ...opened.ports, stream: "readings", entries });
}

/** Asks until the job has taken what was put. */
const until = async (ask: () => Promise<unknown>, expected: unknown): Promise<void> =>
  await expect.poll(ask, { timeout: patienceMs }).toEqual(expected);

test("a job that was opened is run once", async () => {
  await expect(opened.run()).rejects.toMatchObject({ code: "job-run-twice" });
});

test("a job that is closed while it runs is stopped first, and nothing of its world is left", async () => {
  const other = await openJob(job);
  const { done } = await other.run();
  const entries = [{ partitionKey: "1", data: new TextEncoder().encode('{"sensor":1}') }];
  await putRecords({ ...other.ports, stream: "readings", entries });
  other.close();
  expect(await done).toBe("stopped");
  await until(async () => existsSync(other.dir), false);

  const never = await openJob(job);
  never.close();
  await expect(never.run()).rejects.toMatchObject({ code: "job-run-closed" });
});

test("each kind of state answers what the function that declares it would read", async () => {
  await put([
    { sensor: 1, degrees: 30 },
    { sensor: 1, degrees: 10 },
    { sensor: 1, degrees: 20 },
  ]);
  const all = opened.state("sensors", "all", kept.all);
  await until(async () => (await all.get(1)).value, [30, 10, 20]);
  const { value, version, slot, watermarkMs } = await opened
    .state("sensors", "last", kept.last)
    .get(1);
  expect(value).toEqual({ sensor: 1, degrees: 20 });
  expect(slot).toMatch(/^exchange\//);
  expect(version).toBeGreaterThan(0);
  expect(watermarkMs).toBe(Number.NEGATIVE_INFINITY);
  expect((await opened.state("sensors", "highest", kept.highest).get(1)).value).toBe(30);
  expect((await opened.state("sensors", "mean", kept.mean).get(1)).value).toBe(20);
  const seen = (await opened.state("sensors", "seen", kept.seen).get(1)).value;
  expect([...seen]).toEqual([10, 20, 30].map((degrees) => [degrees, true]));
  expect((await opened.state("sensors", "recent", kept.recent).get(1)).value).toBe(20);
  // What has expired by now is not told, whether it was cleaned up or not.
  const past = opened.state("sensors", "past", kept.past);
  await until(async () => (await past.get(1)).value, undefined);
  // Nothing is kept for a key that never came.
  expect((await all.get(2)).value).toEqual([]);
  expect((await opened.state("sensors", "last", kept.last).get(2)).value).toBeUndefined();
});

test("what an asker does to an answer is no change of the next one", async () => {
  const last = opened.state("sensors", "last", kept.last);
  const { value } = await last.get(1);
  (value as { degrees: number }).degrees = -1;
  expect((await last.get(1)).value).toEqual({ sensor: 1, degrees: 20 });
});

test("a range has the keys of all slots in order, and follows them through a split and a merge", async () => {
  const sensors = Array.from({ length: 40 }, (_, sensor) => sensor);
  const highest = opened.state("sensors", "highest", kept.highest);
  const keysOf = async (range?: Parameters<typeof highest.range>[0]) =>
    (await highest.range(range)).keys.map(({ key }) => key);
  await put(sensors.map((sensor) => ({ sensor, degrees: sensor })));
  await until(keysOf, sensors);
  expect(await keysOf({ from: 9, to: 12 })).toEqual([9, 10, 11]);
  expect(await keysOf({ from: 38 })).toEqual([38, 39]);
  expect(await keysOf({ limit: 2 })).toEqual([0, 1]);
  for (const limit of [-1, 0, 1.5, Number.NaN])
    await expect(keysOf({ limit })).rejects.toMatchObject({ code: "limit-invalid" });
  const { asOf } = await highest.range();
  expect(asOf.length).toBe(2);
  for (const [at, shards] of [4, 1].entries()) {
    await reshardTo(opened.ports.admin, "sensors-exchange", shards);
    await put(sensors.map((sensor) => ({ sensor, degrees: 1_000 + at })));
    const ask = async () => {
      const { keys, asOf: read } = await highest.range({ limit: 100 });
      return [read.length, keys.filter(({ value }) => value === 1_000 + at).length];
    };
    await expect
      .poll(async () => await ask().catch(() => []), { timeout: patienceMs })
      .toEqual([shards, 40]);
  }
});

test("what there is not is named, and so is a declaration that is another one's", () => {
  expect(() => opened.state("sensors", "lowest")).toThrow(/there are .*sensors\/highest/);
  expect(() => opened.state("sensor", "highest", kept.highest)).toThrow(/no state "highest"/);
  expect(() => opened.state("sensors", "highest", kept.all)).toThrow(/kept as "value".*as "list"/);
});

test("a key that can't be one, a job that has ended and one that was closed are told apart", async () => {
  const last = opened.state("sensors", "last", kept.last);
  await expect(last.get(Number.NaN)).rejects.toMatchObject({ code: "key-invalid" });
  await opened.ports.admin.endStream("readings");
  expect(await run.done).toBe("ended");
  await expect(last.get(1)).rejects.toMatchObject({ code: "job-not-running" });
  opened.close();
  await expect(last.range()).rejects.toThrow(/was closed in this process/);
});
