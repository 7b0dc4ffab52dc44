import { describe, expect, test } from "vitest";
import { memoryPorts } from "../../runtime/embedded/ports.ts";
import { defineJob, noWatermarks, unchecked } from "../../runtime/index.ts";
import { dynamodbSink, kinesisSink, kinesisSource } from "../../runtime/connectors/index.ts";
import type { RowsOfOtherJobs } from "../../runtime/connectors/dynamodb-sink.ts";
import type { Ports } from "../../runtime/ports/index.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { processBatch } from "../../runtime/slot/process-batch.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { driver, rowsOf, slotWorld } from "./slot-world.ts";

interface Visit {
  readonly user: string;
  readonly page: string;
}

const shardId = "shardId-000000000000";

/** The last page of each user, as rows and as records. */
const lastPages = (name: string, rowsOfOtherJobs?: RowsOfOtherJobs) =>
  defineJob(name, (env) => {
    const last = env
      .source(kinesisSource({ stream: "visits", schema: unchecked<Visit>() }), {
        uid: "visits",
        watermarks: noWatermarks(),
      })
      .keyBy(({ user }) => user)
      .reduce((_, visit) => visit, { uid: "last" });
    const options = rowsOfOtherJobs === undefined ? {} : { rowsOfOtherJobs };
    last.sinkTo(dynamodbSink({ table: "pages", key: ["user"], ...options }), { uid: "pages" });
    last.sinkTo(kinesisSink({ stream: "log", partitionKey: ({ user }) => user }), { uid: "log" });
  });

/** A life of a job: stores of its own, and result tables and what it appends to that others had before. */
async function live(
  job: ReturnType<typeof lastPages>,
  shared: Pick<Ports, "tables">,
  { startMs, pages }: { readonly startMs: number; readonly pages: readonly string[] },
) {
  const world = await slotWorld(job, {
    ports: { tables: shared.tables },
    startMs,
  });
  const feed = driver({ world, pick: () => world.environment(), batchSize: () => 10 });
  for (const page of pages) {
    await world.put("visits", [{ user: "ann", page }]);
    await feed.pump();
  }
  return world;
}

describe("a job's life", () => {
  test("computed anew, with empty stores, its results stand over those of its dead life", async () => {
    const shared = memoryPorts();
    await live(lastPages("job"), shared, { startMs: 1_000, pages: ["a", "b", "c"] });
    const anew = await live(lastPages("job"), shared, { startMs: 2_000, pages: ["z"] });
    expect(await rowsOf(shared, "pages")).toEqual([JSON.stringify({ page: "z", user: "ann" })]);
    expect((await readGeneration(anew.ports, "job"))?.incarnation).toBe(2_000);
  });

  test("a dead life that still writes changes nothing, and the rows that it lost are counted", async () => {
    const shared = memoryPorts();
    const dead = await live(lastPages("job"), shared, { startMs: 1_000, pages: ["a"] });
    await live(lastPages("job"), shared, { startMs: 2_000, pages: ["z"] });
    const warm = dead.environment();
    const feed = driver({ world: dead, pick: () => warm, batchSize: () => 10 });
    for (const page of ["b", "c", "d"]) {
      await dead.put("visits", [{ user: "ann", page }]);
      await feed.pump();
    }
    expect(await rowsOf(shared, "pages")).toEqual([JSON.stringify({ page: "z", user: "ann" })]);
    const rows = await listProgress(dead.ports, { job: "job", generation: 1 });
    const superseded = rows.map(({ counters }) => counters.superseded ?? 0);
    expect(Math.max(...superseded)).toBe(3);
  });

  test("readers that drop duplicates take what the new life appends, although its versions are the old ones", async () => {
    const shared = memoryPorts();
    const producers = new Set<string>();
    for (const startMs of [1_000, 2_000]) {
      const world = await live(lastPages("job"), shared, { startMs, pages: ["a"] });
      for (const { data } of await world.records("log", shardId)) {
        const { millrace } = JSON.parse(new TextDecoder().decode(data)) as {
          millrace: { slot: string };
        };
        producers.add(millrace.slot);
      }
    }
    expect([...producers].sort()).toEqual([
      `job@1000/exchange/${shardId}`,
      `job@2000/exchange/${shardId}`,
    ]);
  });

  test("rows of another job are taken over where the sink says so", async () => {
    const shared = memoryPorts();
    await live(lastPages("job"), shared, { startMs: 2_000, pages: ["a", "b"] });
    await live(lastPages("heir", "take-over"), shared, { startMs: 1_000, pages: ["z"] });
    expect(await rowsOf(shared, "pages")).toEqual([JSON.stringify({ page: "z", user: "ann" })]);
  });

  test("and otherwise left as they are", async () => {
    const shared = memoryPorts();
    await live(lastPages("job"), shared, { startMs: 1_000, pages: ["a", "b"] });
    await live(lastPages("other"), shared, { startMs: 2_000, pages: ["z"] });
    expect(await rowsOf(shared, "pages")).toEqual([JSON.stringify({ page: "b", user: "ann" })]);
  });

  test("a generation that was published before lives were noted has none, and its slots go on", async () => {
    const shared = memoryPorts();
    const world = await live(lastPages("job"), shared, { startMs: 1_000, pages: ["a"] });
    const key = { partition: "job#job", sort: "generation" };
    const row = (await world.ports.control.get(key))!;
    const { incarnation: _, ...first } = row.value as Record<string, never>;
    await world.ports.control.put({ ...row, value: first }, { kind: "always" });
    await world.put("visits", [{ user: "bob", page: "b" }]);
    const records = await world.records("visits", shardId);
    const outcome = await processBatch(world.environment(), { stream: "visits", shardId, records });
    expect(outcome).toEqual({});
  });
});
