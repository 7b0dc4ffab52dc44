import { zlibDecompression } from "../../runtime/node/zlib-decompression.ts";
import { expect, test } from "vitest";
import { boundedOutOfOrderness, defineJob, tumblingWindows, unchecked } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { buildPlan, runEmbedded } from "millrace/dev";
import { awsPorts } from "../../runtime/aws/ports.ts";
import { quietTelemetry } from "../../runtime/embedded/console-telemetry.ts";
import {
  systemClock,
  systemRandom,
  zstdCompression,
} from "../../runtime/node/system-environment.ts";
import { systemHeap } from "../../runtime/node/system-heap.ts";
import { defaultSlotSettings, type JobRuntime } from "../../runtime/job/job-runtime.ts";
import { jobTableSchema } from "../contract/aws-admin.ts";
import { type AwsWorld, awsWorld } from "../contract/aws-world.ts";
import { patienceMs } from "../patience.ts";

interface Visit {
  readonly page: string;
  readonly atMs: number;
}

const job = defineJob("visits", (env) => {
  const visits = env.source(kinesisSource({ stream: "visits", schema: unchecked<Visit>() }), {
    uid: "visits",
    watermarks: boundedOutOfOrderness({
      timestamp: (visit) => visit.atMs,
      bound: { seconds: 5 },
      idleAfter: { milliseconds: 300 },
    }),
  });
  const minutes = visits
    .keyBy((visit) => visit.page)
    .window(tumblingWindows({ size: { minutes: 1 } }), {
      uid: "minutes",
      allowedLateness: { hours: 1 },
    })
    .aggregate(
      {
        create: () => ({ visits: 0 }),
        add: (sum) => ({ visits: sum.visits + 1 }),
        result: ({ visits: count }) => count,
      },
      (count, { key, window }) => ({ page: key, startMs: window.startMs, count }),
    );
  minutes.sinkTo(dynamodbSink({ table: "minutes", key: ["page", "startMs"] }), {
    uid: "minute-rows",
  });
  // Keyed by what the stage before is not: across the exchange twice.
  minutes
    .map(({ page, startMs, count }) => ({ startMs, page, count }))
    .sinkTo(dynamodbSink({ table: "pages-by-minute", key: ["startMs"] }), {
      uid: "last-page-rows",
    });
});

const visitCount = 600;

/** Visits of ten pages over ten minutes, two seconds out of order, and what they come to. */
function makeVisits() {
  const visits = Array.from({ length: visitCount }, (_, at): Visit => ({
    page: `p${(at * 7) % 10}`,
    atMs: at * 1_000 - (at % 3) * 1_000 + 2_000,
  }));
  const counts = new Map<string, number>();
  for (const { page, atMs } of visits) {
    const key = `${page}|${Math.floor(atMs / 60_000) * 60_000}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return { visits, counts };
}

test("a job runs on the AWS adapters while source and exchange are split and merged", async () => {
  const world = await awsWorld();
  try {
    const runtime = await runtimeOn(world);
    const { visits, counts } = makeVisits();
    const run = await runEmbedded({
      job: runtime,
      environments: 2,
      tuning: { pollMs: 20, batchSize: 50 },
      coordinator: { tickIntervalMs: 50, shardListMs: 100, sourceQuietMs: 200 },
    });
    await put(runtime, visits.slice(0, 200));
    await world.split("visits", "shardId-000000000000");
    await world.split("visits-exchange", "shardId-000000000001");
    await put(runtime, visits.slice(200, 400));
    await world.merge("visits-exchange", "shardId-000000000002", "shardId-000000000003");
    await put(runtime, visits.slice(400));
    // The last windows stay open, for the stream has no end; all others must come to what was visited.
    const closedBeforeMs = Math.floor((visitCount * 1_000 - 10_000) / 60_000) * 60_000;
    const expected = new Map(
      [...counts].filter(([key]) => Number(key.split("|")[1]) + 60_000 <= closedBeforeMs),
    );
    await expect
      .poll(() => readCounts(runtime, closedBeforeMs), { timeout: patienceMs, interval: 200 })
      .toEqual(expected);
    run.stop();
    expect(await run.done).toBe("stopped");
  } finally {
    await world.close();
  }
});

async function runtimeOn(world: AwsWorld): Promise<JobRuntime> {
  await world.createTable("jobs", jobTableSchema);
  await world.createTable("minutes", [
    { name: "page", type: "S" },
    { name: "startMs", type: "N" },
  ]);
  await world.createTable("pages-by-minute", [{ name: "startMs", type: "N" }]);
  await world.createStream("visits", 2);
  await world.createStream("visits-exchange", 2);
  const environment = {
    clock: systemClock,
    random: systemRandom,
    compression: zstdCompression,
    decompression: zlibDecompression,
    heap: systemHeap(),
    telemetry: quietTelemetry,
  };
  return {
    graph: job.graph,
    plan: buildPlan(job.graph),
    ports: awsPorts({ table: "jobs", bucket: "bucket", environment, clients: world.clients }),
    names: { exchangeStream: "visits-exchange", streams: {}, tables: {} },
    // A small ring and small inline bodies, so that parts and objects are used as well.
    settings: { ...defaultSlotSettings, ringSize: 16, inlineMaxBytes: 1_024, fenceSkewMs: 0 },
  };
}

async function put({ ports }: JobRuntime, visits: readonly Visit[]): Promise<void> {
  const entries = visits.map((visit) => ({
    partitionKey: `${visit.page}-${visit.atMs}`,
    data: new TextEncoder().encode(JSON.stringify(visit)),
  }));
  const results = await ports.writer.put("visits", entries);
  expect(results.every((result) => result.put)).toBe(true);
}

async function readCounts(
  { ports }: JobRuntime,
  beforeMs: number,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for await (const row of ports.tables.scan("minutes")) {
    if (Number(row["startMs"]) + 60_000 <= beforeMs)
      found.set(`${String(row["page"])}|${String(row["startMs"])}`, Number(row["count"]));
  }
  return found;
}
