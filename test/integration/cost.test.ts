import { zlibDecompression } from "../../runtime/node/zlib-decompression.ts";
import { expect, test } from "vitest";
import { boundedOutOfOrderness, defineJob, tumblingWindows, unchecked } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { buildPlan } from "millrace/dev";
import { defaultWorkload, requestsOf, type Workload } from "../../cost/index.ts";
import { awsPorts } from "../../runtime/aws/ports.ts";
import { defaultCoordinatorSettings } from "../../runtime/coordinator/options.ts";
import { createRound } from "../../runtime/coordinator/round.ts";
import { quietTelemetry } from "../../runtime/embedded/console-telemetry.ts";
import {
  systemClock,
  systemRandom,
  zstdCompression,
} from "../../runtime/node/system-environment.ts";
import { systemHeap } from "../../runtime/node/system-heap.ts";
import type { StreamPosition } from "../../runtime/ports/index.ts";
import { createEnvironment } from "../../runtime/slot/image/environment.ts";
import { ensureGeneration } from "../../runtime/job/generation.ts";
import { defaultSlotSettings, type JobRuntime } from "../../runtime/job/job-runtime.ts";
import { processBatch } from "../../runtime/slot/process-batch.ts";
import { jobTableSchema } from "../contract/aws-admin.ts";
import { type AwsWorld, awsWorld } from "../contract/aws-world.ts";
import { rounds } from "../rounds.ts";
import { itemBytes } from "./item-bytes.ts";

interface Visit {
  readonly page: string;
  readonly atMs: number;
}

const job = defineJob("visits", (env) => {
  env
    .source(kinesisSource({ stream: "visits", schema: unchecked<Visit>() }), {
      uid: "visits",
      watermarks: boundedOutOfOrderness({
        timestamp: (visit) => visit.atMs,
        bound: { seconds: 5 },
      }),
    })
    .keyBy((visit) => visit.page)
    .window(tumblingWindows({ size: { minutes: 1 } }), { uid: "minutes" })
    .aggregate(
      {
        create: () => ({ count: 0 }),
        add: (sum) => ({ count: sum.count + 1 }),
        result: ({ count }) => count,
      },
      (count, { key, window }) => ({ page: key, startMs: window.startMs, count }),
    )
    .sinkTo(dynamodbSink({ table: "minutes", key: ["page", "startMs"] }), { uid: "minute-rows" });
});

const shardId = "shardId-000000000000";

/** What the clients of a world send, counted as AWS bills it. */
function countRequests({ clients }: AwsWorld) {
  const counts = { reads: 0, writes: 0, writeUnits: 0, puts: 0, putUnits: 0, rows: 0, rowBytes: 0 };
  let frameBytes = 0;
  clients.dynamodb.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === "GetItemCommand" || commandName === "QueryCommand") counts.reads += 1;
        if (commandName === "PutItemCommand") {
          const input = args.input as { readonly TableName: string; readonly Item: object };
          const bytes = itemBytes(input.Item);
          counts.writes += 1;
          counts.writeUnits += Math.ceil(bytes / 1_024);
          if (input.TableName === "minutes") {
            counts.rows += 1;
            counts.rowBytes += bytes;
          }
        }
        return next(args);
      },
    { step: "initialize" },
  );
  clients.kinesis.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const input = args.input as {
          readonly StreamName?: string;
          readonly Records?: readonly { readonly Data: Uint8Array }[];
        };
        if (commandName === "PutRecordsCommand" && input.StreamName !== "visits") {
          counts.puts += 1;
          for (const { Data } of input.Records ?? []) {
            counts.putUnits += Math.ceil(Data.length / 25_600);
            frameBytes += Data.length;
          }
        }
        return next(args);
      },
    { step: "initialize" },
  );
  return { counts, frameBytes: () => frameBytes };
}

test.each([
  [50, 8],
  [1_000, rounds({ few: 4, many: 8 })],
])(
  "the requests that the cost is made of are those that a job sends, within 10 % (%i events a batch, %i batches)",
  async (events, batches) => {
    const world = await awsWorld();
    try {
      const runtime = await runtimeOn(world);
      const generation = await ensureGeneration(runtime);
      const environment = createEnvironment(runtime);
      const round = createRound(
        {
          job: runtime,
          deadlineMs: Number.POSITIVE_INFINITY,
          settings: { ...defaultCoordinatorSettings, sourceQuietMs: 1e9 },
          invoker: { invoke: async () => undefined },
        },
        generation,
      );
      const positions = new Map<string, StreamPosition>();
      const { counts, frameBytes } = countRequests(world);
      async function handOver(stream: string): Promise<void> {
        const from = positions.get(stream) ?? { kind: "earliest" };
        const read = await runtime.ports.reader.read({ stream, shardId, from, maxRecords: 10_000 });
        positions.set(stream, read.next);
        await processBatch(environment, { stream, shardId, records: read.records });
      }
      let tickBytes = 0;
      for (let batch = 0; batch < batches; batch++) {
        await put(runtime, events, batch);
        await handOver("visits");
        const before = frameBytes();
        await round();
        tickBytes += frameBytes() - before;
        await handOver("visits-exchange");
      }
      const load: Workload = {
        ...defaultWorkload,
        eventsPerSecond: events,
        keysPerBatch: 20,
        elementBytes: (frameBytes() - tickBytes) / batches / events,
        rowsPerSecond: counts.rows / batches,
        rowBytes: counts.rowBytes / counts.rows,
      };
      const span = {
        source: batches,
        exchange: batches,
        rounds: batches,
        leadSeconds: 0,
        standbySeconds: 0,
      };
      const told = requestsOf({ hasExchange: true }, load, span);
      for (const name of ["reads", "writes", "writeUnits", "puts", "putUnits"] as const) {
        const ratio = told[name] / counts[name];
        expect(ratio, `${name}: ${told[name]} told, ${counts[name]} counted`).toBeGreaterThan(0.9);
        expect(ratio, `${name}: ${told[name]} told, ${counts[name]} counted`).toBeLessThan(1.1);
      }
    } finally {
      await world.close();
    }
  },
);

const startedMs = systemClock.nowMs();

/** On a machine that is slow, what a job does from time to time is not to come between what it does with each batch. */
function slowly(): number {
  return Math.floor(startedMs + (systemClock.nowMs() - startedMs) / 20);
}

async function runtimeOn(world: AwsWorld): Promise<JobRuntime> {
  await world.createTable("jobs", jobTableSchema);
  await world.createTable("minutes", [
    { name: "page", type: "S" },
    { name: "startMs", type: "N" },
  ]);
  await world.createStream("visits", 1);
  await world.createStream("visits-exchange", 1);
  const environment = {
    clock: { ...systemClock, nowMs: slowly },
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
    settings: { ...defaultSlotSettings, fenceSkewMs: 0 },
  };
}

/** A minute of visits of twenty pages. */
async function put({ ports }: JobRuntime, count: number, minute: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, at) => {
    const visit: Visit = { page: `p${at % 20}`, atMs: minute * 60_000 + (at * 60_000) / count };
    const data = new TextEncoder().encode(JSON.stringify(visit));
    return { partitionKey: `k${at}`, data };
  });
  for (let at = 0; at < count; at += 500) {
    const results = await ports.writer.put("visits", entries.slice(at, at + 500));
    expect(results.every((result) => result.put)).toBe(true);
  }
}
