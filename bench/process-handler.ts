import type { KinesisStreamEvent } from "aws-lambda";
import type { JobDefinition } from "millrace";
import { type ProcessHandler, processHandler } from "../functions/process.ts";
import { originHere } from "../runtime/embedded/event-source.ts";
import { kinesisEvent } from "../runtime/event-source/kinesis-event.ts";
import { createStreams, embeddedRuntime } from "../runtime/embedded/job-world.ts";
import { type EmbeddedPorts, memoryPorts } from "../runtime/embedded/ports.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
import { ensureGeneration } from "../runtime/job/generation.ts";
import { bidLines } from "./bids.ts";
import { selection, tumblingCount } from "./bid-jobs.ts";
import { median } from "./median.ts";
import type { StreamPosition, StreamRecord } from "../runtime/ports/index.ts";

export interface HandlerFigure {
  readonly job: string;
  readonly linesPerRecord: number;
  readonly events: number;
  readonly eventsPerCpuSecond: number;
  readonly bytesPerEvent: number;
}

const recordsPerBatch = 5_000;
const shardId = "shardId-000000000000";

/**
 * Events per CPU-second of the process handler alone: base64 Kinesis records in, commit and delivery included. Where the job has
 * an exchange, its records are handed to the same handler, and count.
 */
export async function measureHandler(
  job: JobDefinition,
  linesPerRecord: number,
  lines: readonly string[],
): Promise<number> {
  const plan = buildPlan(job.graph);
  const ports = memoryPorts();
  const runtime = embeddedRuntime({ graph: job.graph, plan }, ports);
  await createStreams(plan, ports, { source: 1, exchange: 1 });
  await ensureGeneration(runtime);
  const handler = processHandler(runtime);
  const events = batches(lines, linesPerRecord);
  const exchange = exchangeEvents(
    ports,
    runtime.names.exchangeStream,
    plan.stages.some(({ kind }) => kind === "exchange"),
  );
  const before = process.cpuUsage();
  for (const event of events) {
    await invoke(handler, event);
    await exchange((sent) => invoke(handler, sent));
  }
  const used = process.cpuUsage(before);
  ports.close();
  return lines.length / ((used.user + used.system) / 1e6);
}

/** Hands on what was put into the exchange since the last call. */
function exchangeEvents(ports: EmbeddedPorts, stream: string, exists: boolean) {
  let from: StreamPosition = { kind: "earliest" };
  return async (take: (event: KinesisStreamEvent) => Promise<void>): Promise<void> => {
    if (!exists) return;
    const read = await ports.reader.read({ stream, shardId, from, maxRecords: 1_000 });
    from = read.next;
    if (read.records.length > 0)
      await take(kinesisEvent(originHere(stream, shardId), read.records));
  };
}

async function invoke(handler: ProcessHandler, event: KinesisStreamEvent): Promise<void> {
  const { batchItemFailures } = await handler(event);
  if (batchItemFailures.length > 0)
    throw new Error(`The handler gave records back: ${JSON.stringify(batchItemFailures)}`);
}

function batches(lines: readonly string[], linesPerRecord: number): readonly KinesisStreamEvent[] {
  const perBatch = Math.max(1, Math.floor(recordsPerBatch / linesPerRecord));
  const records: StreamRecord[] = [];
  for (let at = 0; at < lines.length; at += linesPerRecord) {
    const { auction } = JSON.parse(lines[at] as string) as { readonly auction: number };
    const data = Buffer.from(lines.slice(at, at + linesPerRecord).join("\n"));
    // Beyond the fence's margin, so that the handler does not read by itself.
    const arrivalMs = Date.now() + 120_000;
    records.push({
      partitionKey: String(auction),
      sequence: String(records.length + 1),
      data,
      arrivalMs,
    });
  }
  const events: KinesisStreamEvent[] = [];
  for (let at = 0; at < records.length; at += perBatch)
    events.push(kinesisEvent(originHere("bids", shardId), records.slice(at, at + perBatch)));
  return events;
}

const rounds = 5;

/** Medians over several rounds, after one to warm up. */
export async function benchHandler(count: number): Promise<readonly HandlerFigure[]> {
  const lines = bidLines(count);
  const bytesPerEvent = Math.round(
    lines.reduce((sum, line) => sum + line.length, 0) / lines.length,
  );
  const cases: readonly (readonly [name: string, JobDefinition, linesPerRecord: number])[] = [
    ["stateless pass", selection("json"), 1],
    ["stateless pass", selection("json-lines"), 100],
    ["tumbling count, aligned", tumblingCount("json", true), 1],
    ["tumbling count, exchange", tumblingCount("json", false), 1],
    ["tumbling count, exchange", tumblingCount("json-lines", false), 100],
  ];
  const figures: HandlerFigure[] = [];
  for (const [name, job, linesPerRecord] of cases) {
    const runs: number[] = [];
    for (let round = 0; round <= rounds; round++)
      runs.push(await measureHandler(job, linesPerRecord, lines));
    const eventsPerCpuSecond = Math.round(median(runs.slice(1)));
    figures.push({ job: name, linesPerRecord, events: count, eventsPerCpuSecond, bytesPerEvent });
  }
  return figures;
}
