import {
  createStreams,
  embeddedRuntime,
  memoryPorts,
  buildPlan,
  runEmbedded,
} from "../dev/index.ts";
import { quietTelemetry } from "../runtime/embedded/console-telemetry.ts";
import type { EmbeddedPorts } from "../runtime/embedded/ports.ts";
import { systemClock, systemRandom, zstdCompression } from "../runtime/node/system-environment.ts";
import { decodeAppended } from "../runtime/connectors/index.ts";
import { resourceOf } from "../runtime/connectors/sinks.ts";
import { readsStream } from "../runtime/connectors/sources.ts";
import { isMillraceError, jobError } from "../runtime/errors/millrace-error.ts";
import type { JobDefinition, MetricValues } from "../runtime/index.ts";
import { objectPrefixes } from "../runtime/layout/names.ts";
import { readJobProgress } from "../runtime/observe/job-progress.ts";
import type { Clock, Random, StreamPosition } from "../runtime/ports/index.ts";
import type { DeadLetter } from "../runtime/job/dead-letter.ts";
import type { SlotSettings } from "../runtime/job/job-runtime.ts";
import { readDeadLetters } from "../runtime/job/dead-letter-objects.ts";
import type { Faults } from "./faulty-ports.ts";
import { skippingClock, skipWaiting } from "./skip-waiting.ts";

export interface RunJobOptions {
  /**
   * What is put into each source stream, by its name, in this order: values as JSON, bytes as they are. A stream that
   * is not named gets nothing. Default: none.
   */
  readonly inputs?: Readonly<Record<string, readonly unknown[]>>;
  /** Files for file sources, by folder and name: `{ "orders/2026.jsonl": "…" }`. Default: none. */
  readonly files?: Readonly<Record<string, string>>;
  /** Partition key of a value: decides its shard. Default: its number, so that values spread over all shards. */
  readonly partitionKey?: (value: unknown, stream: string) => string;
  /** Shards of each source stream. Default: 2. */
  readonly shards?: number;
  /** Shards of the exchange. Default: 2. */
  readonly exchangeShards?: number;
}

/** What a job has done with its input. */
export interface JobResults {
  /** Rows of each result table, in no order. */
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** Values appended to each sink stream, in the order of each shard. */
  readonly streams: Readonly<Record<string, readonly unknown[]>>;
  /** Documents of the lines in the finished files of each folder, file by file. */
  readonly files: Readonly<Record<string, readonly unknown[]>>;
  readonly deadLetters: readonly DeadLetter[];
  /** What functions have counted and measured, over all slots, by the uid of their operator (docs/metrics.md). */
  readonly metrics: Readonly<Record<string, MetricValues>>;
}

/**
 * Runs a job in memory over given input, lets its sources end, and answers what has come out: for tests of jobs. It is the
 * engine that is deployed, over other ports; nothing is written to disk. Where a job that has taken all its input waits for a timer of
 * processing time, the clock is put forward.
 * @throws MillraceError `input-stream-unknown` where an input is for a stream that the job does not read; whatever the job throws
 * where it can't go on.
 */
export async function runJob(job: JobDefinition, options: RunJobOptions = {}): Promise<JobResults> {
  return await runCut(job, options, {});
}

/** How a run's input is cut into batches, and who serves them: by what no result may be changed. */
export interface Cuts {
  readonly batchSize?: number;
  readonly environments?: number;
  /** Chance that a batch goes to an environment other than the last one, and that it comes twice. */
  readonly stray?: number;
  readonly redeliver?: number;
  readonly settings?: Partial<SlotSettings>;
  /** Time, randomness and faults of a simulated run. Default: those of this process, and none. */
  readonly clock?: Clock;
  readonly random?: Random;
  readonly faults?: Faults;
}

/** {@link runJob}, with the input cut as it is said. */
export async function runCut(
  job: JobDefinition,
  options: RunJobOptions,
  cuts: Cuts,
): Promise<JobResults> {
  const { batchSize, environments, stray = 0.1, redeliver = 0, settings } = cuts;
  const plan = buildPlan(job.graph);
  const known = plan.sources.filter(readsStream).map(({ stream }) => stream);
  for (const stream of Object.keys(options.inputs ?? {})) {
    if (!known.includes(stream)) throw unknownStream(plan.job, stream, known);
  }
  const { clock: passing = systemClock, random = systemRandom, faults } = cuts;
  const clock = skippingClock(passing);
  const ports = memoryPorts({
    clock,
    random,
    compression: zstdCompression,
    telemetry: quietTelemetry,
  });
  const { shards = 2, exchangeShards = 2 } = options;
  await createStreams(plan, ports, { source: shards, exchange: exchangeShards });
  for (const stream of known) {
    await put(ports, stream, options);
    await ports.admin.endStream(stream);
  }
  for (const [name, text] of Object.entries(options.files ?? {}))
    await ports.files.put(name, utf8.encode(text));
  let failure: { readonly error: unknown } | undefined;
  const run = await runEmbedded({
    job: embeddedRuntime({ graph: job.graph, plan }, faults?.ports(ports) ?? ports, settings),
    ...(environments !== undefined && { environments }),
    tuning: {
      pollMs: 1,
      ...(batchSize !== undefined && { batchSize, exchangeBatchSize: batchSize }),
    },
    faults: { stray, redeliver },
    coordinator: { tickIntervalMs: 5, shardListMs: 20, sourceQuietMs: 20 },
    onError: (error) => {
      if (isMillraceError(error) && error.retryable) return;
      failure ??= { error };
      run.stop();
    },
  });
  let isDone = false;
  const skipping = skipWaiting(clock, { ports, job: plan.job }, () => isDone);
  await run.done.finally(() => (isDone = true));
  await skipping;
  faults?.end();
  if (failure !== undefined) throw failure.error;
  return await resultsOf(ports, plan);
}

const recordsPerPut = 500;
const utf8 = new TextEncoder();

async function put(
  { writer }: EmbeddedPorts,
  stream: string,
  { inputs = {}, partitionKey }: RunJobOptions,
): Promise<void> {
  const values = inputs[stream] ?? [];
  for (let at = 0; at < values.length; at += recordsPerPut) {
    const entries = values.slice(at, at + recordsPerPut).map((value, index) => ({
      partitionKey: partitionKey?.(value, stream) || String(at + index),
      data: value instanceof Uint8Array ? value : utf8.encode(JSON.stringify(value)),
    }));
    await writer.put(stream, entries);
  }
}

async function resultsOf(
  ports: EmbeddedPorts,
  plan: ReturnType<typeof buildPlan>,
): Promise<JobResults> {
  const { job, sinks } = plan;
  const tables: Record<string, readonly Readonly<Record<string, unknown>>[]> = {};
  const streams: Record<string, readonly unknown[]> = {};
  const files: Record<string, readonly unknown[]> = {};
  for (const { kind, name } of sinks.map(resourceOf)) {
    if (kind === "stream") streams[name] = await appendedTo(ports, name);
    else if (kind === "table") tables[name] = await rowsOf(ports, name);
    else if (kind === "folder") files[name] = await linesOf(ports, name);
  }
  const deadLetters = await readDeadLetters(
    ports.objects,
    objectPrefixes.deadLetters({ job, generation: 1 }),
  );
  const metrics = await metricsOf(ports, plan);
  return { tables, streams, files, deadLetters, metrics };
}

async function metricsOf(
  ports: EmbeddedPorts,
  plan: ReturnType<typeof buildPlan>,
): Promise<JobResults["metrics"]> {
  const { operators } = await readJobProgress(ports, plan, 1);
  return Object.fromEntries(
    operators.flatMap(({ name, stage, metrics }) =>
      metrics === undefined ? [] : [[name.slice(stage.length + 1), metrics] as const],
    ),
  );
}

async function rowsOf(
  { tables }: EmbeddedPorts,
  table: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const rows: Readonly<Record<string, unknown>>[] = [];
  for await (const row of tables.scan(table)) rows.push(row);
  return rows;
}

async function linesOf({ files }: EmbeddedPorts, folder: string): Promise<readonly unknown[]> {
  const documents: unknown[] = [];
  for await (const name of files.list(`${folder}/`)) {
    const lines = new TextDecoder().decode(await files.get(name)).split("\n");
    for (const line of lines) if (line !== "") documents.push(JSON.parse(line));
  }
  return documents;
}

const readMaxRecords = 10_000;

async function appendedTo({ reader }: EmbeddedPorts, stream: string): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  /** A put whose answer was lost is made again: whoever reads the stream tells by the id. */
  const seen = new Set<string>();
  for (const { shardId } of await reader.listShards(stream)) {
    let from: StreamPosition = { kind: "earliest" };
    for (let atTip = false; !atTip;) {
      const read = await reader.read({ stream, shardId, from, maxRecords: readMaxRecords });
      for (const { data } of read.records) {
        const document: unknown = JSON.parse(new TextDecoder().decode(data));
        const appended = decodeAppended(document);
        const id = appended && JSON.stringify(appended.id);
        if (id !== undefined && seen.has(id)) continue;
        if (id !== undefined) seen.add(id);
        values.push(appended === undefined ? document : appended.value);
      }
      from = read.next;
      atTip = read.atTip;
    }
  }
  return values;
}

function unknownStream(job: string, stream: string, known: readonly string[]): Error {
  return jobError("input-stream-unknown", {
    message: `There is input for stream "${stream}", which job "${job}" does not read.`,
    next: `It reads ${known.join(", ")}.`,
  });
}
