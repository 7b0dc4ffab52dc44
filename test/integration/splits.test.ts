import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { runEmbedded } from "../../dev/run-embedded.ts";
import { createStreams, embeddedRuntime } from "../../runtime/embedded/job-world.ts";
import { durablePorts, type EmbeddedPorts } from "../../runtime/embedded/ports.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import { patienceMs } from "../patience.ts";
import { dynamodbSink, fileSource, generatorSource } from "../../runtime/connectors/index.ts";
import { memoryObjectStore } from "../../runtime/embedded/memory-object-store.ts";
import type { SourceConnector } from "../../runtime/graph/connectors.ts";
import {
  defineJob,
  monotonousTimestamps,
  tumblingWindows,
  unchecked,
} from "../../runtime/index.ts";
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

const inFiles = fileSource({ folder: "in", schema: unchecked<Reading>() });

/** So many readings, in turn in each of some files. */
function filesOf(count: number, names: readonly string[]): Readonly<Record<string, string>> {
  const lines = names.map((): string[] => []);
  for (let index = 0; index < count; index++)
    lines[index % names.length]!.push(JSON.stringify(reading(index)));
  return Object.fromEntries(names.map((name, at) => [`in/${name}`, lines[at]!.join("\n")]));
}

const textsOf = (rows: readonly object[]): readonly string[] =>
  rows.map((row) => JSON.stringify(Object.fromEntries(Object.entries(row).sort()))).sort();

test("a run takes each element of a generator once, and ends behind the last", async () => {
  const { tables, deadLetters } = await runJob(counting(generated(600, 4)));
  expect(textsOf(tables["counts"]!)).toEqual(expected(10));
  expect(deadLetters).toEqual([]);
});

test("a run takes each line of a folder's files once, and ends behind the last", async () => {
  const files = filesOf(600, ["a", "b/c.jsonl", "b/d.jsonl"]);
  const others = { "other/a": "{", "in/_d": "{", "in/empty": "" };
  const { tables, deadLetters } = await runJob(counting(inFiles), {
    files: { ...files, ...others },
  });
  expect(textsOf(tables["counts"]!)).toEqual(expected(10));
  expect(deadLetters).toEqual([]);
});

test("a run over a folder without files ends with nothing", async () => {
  const { tables } = await runJob(counting(inFiles));
  expect(tables["counts"]).toEqual([]);
});

test("what can't be read goes to the dead letters, with its file and the byte at which it begins", async () => {
  const lines = [JSON.stringify(reading(0)), "no JSON", JSON.stringify(reading(1))];
  const { deadLetters, tables } = await runJob(counting(inFiles), {
    files: { "in/2026/a.jsonl": lines.join("\n") },
  });
  expect(deadLetters).toMatchObject([
    { slot: "readings/2026%2Fa.jsonl", sequence: String(lines[0]!.length + 1), payload: "no JSON" },
  ]);
  expect(tables["counts"]!.length).toBe(2);
});

describe.each([
  ["a generator", generated(900, 3), {}],
  ["files", inFiles, filesOf(900, ["a", "b", "c"])],
] as const)("a job over %s", (_, source, given) => {
  test("that is stopped with a savepoint in the middle of its splits goes on from it, and ends with the same rows", async () => {
    const files = memoryObjectStore();
    for (const [name, text] of Object.entries(given))
      await files.put(name, new TextEncoder().encode(text));
    const world = await slotWorld(counting(source), {
      ports: { files },
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
});

test("a generator without an end can be drained: all that it has made counts", async () => {
  const world = await slotWorld(counting(generated(Infinity, 2)), {
    settings: { selfReadMaxRecords: 1 },
  });
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  const round = world.coordinator(() => environment);
  for (let rounds = 0; rounds < 4; rounds++) {
    await round();
    await feed.pump();
    world.clock.advance(300);
  }
  await askForSavepoint(world.ports, { job: "readings", id: "last", kind: "drain" });
  await feed.untilEnded(round);
  expect(await readGeneration(world.ports, "readings")).toMatchObject({ outcome: "stopped" });
  const rows = await listProgress(world.ports, { job: "readings", generation: 1 });
  const made = rows
    .filter(({ stream }) => stream !== world.exchange)
    .reduce((sum, { counters }) => sum + counters.records, 0);
  const counts = (await rowsOf(world.ports, "counts")).map(
    (row) => (JSON.parse(row) as { readonly count: number }).count,
  );
  expect(made).toBeGreaterThan(100);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(made);
});

async function takenBy(ports: EmbeddedPorts): Promise<number> {
  const rows = await listProgress(ports, { job: "readings", generation: 1 });
  return rows
    .filter(({ stream }) => stream === "files:in")
    .reduce((sum, { counters }) => sum + counters.records, 0);
}

test("a run over a folder that is stopped again and again goes on where it was, and ends with the same rows", async () => {
  const dir = mkdtempSync(join(tmpdir(), "millrace-splits-"));
  mkdirSync(join(dir, "files", "in"), { recursive: true });
  for (const [name, text] of Object.entries(filesOf(1_200, ["a", "b", "c"])))
    writeFileSync(join(dir, "files", name), text);
  const { graph } = counting(inFiles);
  const plan = buildPlan(graph);
  const takenAtStops: number[] = [];
  for (let end = "stopped"; end === "stopped";) {
    const ports = durablePorts(dir);
    await createStreams(plan, ports, { source: 1, exchange: 2 });
    // One invocation takes half of a file.
    const job = embeddedRuntime({ graph, plan }, ports, { selfReadMaxRecords: 4 });
    const run = await runEmbedded({ job, tuning: { pollMs: 1 } });
    if (takenAtStops.length < 2) {
      const before = takenAtStops.at(-1) ?? 0;
      await vi.waitFor(async () => expect(await takenBy(ports)).toBeGreaterThan(before), {
        timeout: patienceMs,
        interval: 5,
      });
      run.stop();
    }
    end = await run.done;
    takenAtStops.push(await takenBy(ports));
    if (end === "ended") expect(await rowsOf(ports, "counts")).toEqual(expected(20));
    ports.close();
  }
  expect(takenAtStops[0]).toBeLessThan(1_200);
  expect(takenAtStops.at(-1)).toBe(1_200);
  rmSync(dir, { recursive: true });
});
