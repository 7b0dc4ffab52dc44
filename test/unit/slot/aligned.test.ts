import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  defineJob,
  tumblingWindows,
  unchecked,
} from "../../../runtime/index.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import { driver, rowsOf, slotWorld } from "../../integration/slot-world.ts";

interface Visit {
  readonly k: string;
  readonly atMs: number;
}

const kOf = ({ k }: Visit): string => k;

/** Visits by key and ten seconds; "aligned" in the source's slots, otherwise behind an exchange. */
const countingJob = (aligned: boolean) =>
  defineJob("visits", (env) => {
    env
      .source(kinesisSource({ stream: "in", schema: unchecked<Visit>() }), {
        uid: "in",
        watermarks: boundedOutOfOrderness({
          timestamp: ({ atMs }) => atMs,
          bound: {},
          idleAfter: { seconds: 5 },
        }),
        ...(aligned && { partitionedBy: kOf }),
      })
      .keyBy(kOf)
      .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "counts" })
      .aggregate(
        { create: () => 0, add: (n) => n + 1, result: (n) => n },
        (n, { key, window }) => ({ k: key, startMs: window.startMs, n }),
      )
      .sinkTo(dynamodbSink({ table: "out", key: ["k", "startMs"] }), { uid: "out" });
  });

async function started(aligned: boolean) {
  const world = await slotWorld(countingJob(aligned), { sourceShards: 2 });
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  const round = world.coordinator(() => environment);
  const put = (...visits: Visit[]) => world.put("in", visits, kOf as never);
  const settle = async (stepMs: number, rounds: number) => {
    for (let at = 0; at < rounds; at++) {
      while (await feed.pump());
      world.clock.advance(stepMs);
      await round();
    }
    while (await feed.pump());
  };
  return { world, feed, round, put, settle };
}

// By MD5, "a" is in the first of two shards and "b" in the second.
test.each([
  ["in the source's slots", true],
  ["behind an exchange", false],
])(
  "windows of a key whose shard falls idle fire with the time of the others, %s",
  async (_, aligned) => {
    const { world, put, settle } = await started(aligned);
    await put({ k: "a", atMs: 1_000 }, { k: "b", atMs: 2_000 });
    await settle(1_000, 2);
    expect(await rowsOf(world.ports, "out")).toEqual([]);
    // The shard of "b" gets nothing any more.
    for (let second = 10; second < 25; second++) {
      await put({ k: "a", atMs: second * 1_000 });
      await settle(1_000, 1);
    }
    expect(await rowsOf(world.ports, "out")).toEqual([
      '{"k":"a","n":1,"startMs":0}',
      '{"k":"a","n":10,"startMs":10000}',
      '{"k":"b","n":1,"startMs":0}',
    ]);
    // What comes into it later is late by the time of the others.
    await put({ k: "b", atMs: 3_000 }, { k: "b", atMs: 24_000 });
    await settle(1_000, 1);
    expect(await rowsOf(world.ports, "out")).toHaveLength(3);
  },
);

test("where all shards are idle, windows fire up to the fastest of them, in the source's slots as well", async () => {
  const { world, put, settle } = await started(true);
  await put({ k: "a", atMs: 15_000 }, { k: "b", atMs: 2_000 });
  await settle(3_000, 4);
  expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"b","n":1,"startMs":0}']);
});

test("an idle slot is invoked for a timer once, and not while none is due", async () => {
  const { world, put, settle, round } = await started(true);
  await put({ k: "a", atMs: 15_000 }, { k: "b", atMs: 2_000 });
  await settle(3_000, 4);
  const versions = async () =>
    (await listProgress(world.ports, { job: "visits", generation: 1 })).map(
      ({ version }) => version,
    );
  const before = await versions();
  for (let rounds = 0; rounds < 5; rounds++) expect((await round()).changed).toBe(false);
  expect(await versions()).toEqual(before);
});

test("a record that was put elsewhere by an explicit hash key is a dead letter: a split would lose its state", async () => {
  const { world, feed } = await started(true);
  const data = (visit: Visit) => new TextEncoder().encode(JSON.stringify(visit));
  const explicitHash = createHash("md5").update("b").digest("hex");
  await world.ports.writer.put("in", [
    { partitionKey: "a", explicitHash, data: data({ k: "a", atMs: 1_000 }) },
    { partitionKey: "b", explicitHash, data: data({ k: "b", atMs: 2_000 }) },
    { partitionKey: "a", data: data({ k: "a", atMs: 3_000 }) },
  ]);
  while (await feed.pump());
  const rows = await listProgress(world.ports, { job: "visits", generation: 1 });
  expect(rows.map(({ counters }) => counters.deadLetters)).toEqual([0, 1]);
  const [received] = rows.flatMap(({ counters }) =>
    Object.entries(counters.operators).flatMap(([name, counts]) =>
      name === "counts/counts" ? [counts] : [],
    ),
  );
  expect(received).toEqual([1, 0]);
  expect(world.alarms).toEqual([
    expect.objectContaining({
      code: "dead-letters",
      detail: expect.objectContaining({
        first: expect.stringContaining("it was put with an explicit hash key"),
      }),
    }),
  ]);
});

test("records with explicit hash keys are welcome where keyed stages stand behind an exchange", async () => {
  const { world, feed } = await started(false);
  const explicitHash = createHash("md5").update("b").digest("hex");
  const data = new TextEncoder().encode(JSON.stringify({ k: "a", atMs: 1_000 }));
  await world.ports.writer.put("in", [{ partitionKey: "a", explicitHash, data }]);
  while (await feed.pump());
  expect(world.alarms).toEqual([]);
});
