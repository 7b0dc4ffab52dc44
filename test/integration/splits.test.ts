import { expect, test } from "vitest";
import { generatorSource } from "../../runtime/connectors/generator-source.ts";
import { dynamodbSink } from "../../runtime/connectors/index.ts";
import type { SourceConnector } from "../../runtime/graph/connectors.ts";
import { defineJob, monotonousTimestamps, tumblingWindows } from "../../runtime/index.ts";
import { readManifest } from "../../runtime/checkpoint/manifest.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { askForSavepoint } from "../../runtime/savepoints/requests.ts";
import { restore } from "../../runtime/savepoints/restore.ts";
import { runJob } from "../../testing/index.ts";
import { driver, rowsOf, slotWorld } from "./slot-world.ts";

interface Reading {
  readonly sensor: string;
  readonly atMs: number;
}

const reading = (index: number): Reading => ({ sensor: `s${index % 3}`, atMs: index * 1_000 });
const generated = (count: number, splits: number) =>
  generatorSource({ generate: reading, count, splits });

/** How many readings of each sensor each minute has. */
const counting = (source: SourceConnector<Reading>) =>
  defineJob("readings", (env) =>
    env
      .source(source, {
        uid: "readings",
        watermarks: monotonousTimestamps({ timestamp: ({ atMs }) => atMs }),
      })
      .keyBy("sensor")
      .window(tumblingWindows({ size: { minutes: 1 } }), { uid: "minutes" })
      .aggregate(
        { create: () => 0, add: (sum: number) => sum + 1, result: (sum: number) => sum },
        (count, { key, window }) => ({ sensor: key, startMs: window.startMs, count }),
      )
      .sinkTo(dynamodbSink({ table: "counts", key: { sensor: "string", startMs: "number" } }), {
        uid: "counts",
      }),
  );

/** A minute has 60 readings, one in three of each sensor. */
const expected = (minutes: number): readonly string[] =>
  Array.from({ length: minutes * 3 }, (_, at) => ({
    count: 20,
    sensor: `s${at % 3}`,
    startMs: Math.floor(at / 3) * 60_000,
  }))
    .map((row) => JSON.stringify(row))
    .sort();

test("a run takes each element of a bounded source once, and ends behind the last", async () => {
  const { tables, deadLetters } = await runJob(counting(generated(600, 4)), { inputs: {} });
  const { counts = [] } = tables;
  expect(counts.length).toBe(30);
  expect(counts.every(({ count }) => count === 20)).toBe(true);
  expect(deadLetters).toEqual([]);
});

test("a job that is stopped with a savepoint in the middle of its splits goes on from it, and ends with the same rows", async () => {
  const world = await slotWorld(counting(generated(900, 3)), {
    exchangeShards: 2,
    // One invocation takes fifty elements.
    settings: { selfReadMaxRecords: 1 },
  });
  const environments = [world.environment(), world.environment()];
  let served = 0;
  const pick = () => environments[served++ % 2]!;
  const feed = driver({ world, pick });
  const round = world.coordinator(pick);
  for (let rounds = 0; rounds < 2; rounds++) {
    await round();
    await feed.pump();
    world.clock.advance(300);
  }
  await askForSavepoint(world.ports, { job: "readings", id: "half", kind: "stop" });
  await feed.untilEnded(round);
  const { savepoint = "" } = (await readGeneration(world.ports, "readings"))!;
  const { slots } = await readManifest(world.ports.objects, savepoint);
  const taken = slots
    .filter(({ stream }) => stream !== world.exchange)
    .map(({ records }) => records);
  expect(taken.length).toBe(3);
  expect(taken.every((records) => 0 < records && records < 300)).toBe(true);

  await restore({ job: world.runtime, manifest: savepoint });
  const next = (await readGeneration(world.ports, "readings"))!;
  await feed.untilEnded(world.coordinator(pick, 0, next));
  expect(await rowsOf(world.ports, "counts")).toEqual(expected(15));
  const rows = await listProgress(world.ports, { job: "readings", generation: 2 });
  const records = rows
    .filter(({ stream }) => stream !== world.exchange)
    .map(({ counters }) => counters.records);
  expect(records).toEqual([300, 300, 300]);
});
