import type { KinesisStreamEvent } from "aws-lambda";
import type { JobDefinition } from "millrace";
import { type ProcessHandler, processHandler } from "../functions/process.ts";
import { createStreams, embeddedRuntime } from "../runtime/embedded/job-world.ts";
import { memoryPorts } from "../runtime/embedded/ports.ts";
import { buildPlan } from "../runtime/plan/build-plan.ts";
import { ensureGeneration } from "../runtime/slot/generation.ts";
import { bidLines } from "./bids.ts";
import { selection, tumblingCount } from "./bid-jobs.ts";

export interface HandlerFigure {
  readonly job: string;
  readonly linesPerRecord: number;
  readonly events: number;
  readonly eventsPerCpuSecond: number;
  readonly bytesPerEvent: number;
}

const recordsPerBatch = 5_000;

/** Events per CPU-second of the process handler alone: base64 Kinesis records in, commit and delivery included. */
export async function measureHandler(
  job: JobDefinition,
  linesPerRecord: number,
  lines: readonly string[],
): Promise<HandlerFigure> {
  const plan = buildPlan(job.graph);
  const ports = memoryPorts();
  const runtime = embeddedRuntime({ graph: job.graph, plan }, ports);
  await createStreams(plan, ports, { source: 1, exchange: 1 });
  await ensureGeneration(runtime);
  const handler = processHandler(runtime);
  const events = batches(lines, linesPerRecord);
  const before = process.cpuUsage();
  for (const event of events) await invoke(handler, event);
  const used = process.cpuUsage(before);
  ports.close();
  const cpuSeconds = (used.user + used.system) / 1e6;
  const bytes = lines.reduce((sum, line) => sum + line.length, 0);
  return {
    job: job.name,
    linesPerRecord,
    events: lines.length,
    eventsPerCpuSecond: Math.round(lines.length / cpuSeconds),
    bytesPerEvent: Math.round(bytes / lines.length),
  };
}

async function invoke(handler: ProcessHandler, event: KinesisStreamEvent): Promise<void> {
  const { batchItemFailures } = await handler(event);
  if (batchItemFailures.length > 0)
    throw new Error(`The handler gave records back: ${JSON.stringify(batchItemFailures)}`);
}

function batches(lines: readonly string[], linesPerRecord: number): readonly KinesisStreamEvent[] {
  const perBatch = Math.max(1, Math.floor(recordsPerBatch / linesPerRecord));
  const events: KinesisStreamEvent[] = [];
  let records: KinesisStreamEvent["Records"] = [];
  let sequence = 0;
  for (let at = 0; at < lines.length; at += linesPerRecord) {
    const some = lines.slice(at, at + linesPerRecord);
    sequence += 1;
    records.push(toRecord(some, sequence));
    if (records.length < perBatch && at + linesPerRecord < lines.length) continue;
    events.push({ Records: records });
    records = [];
  }
  return events;
}

function toRecord(
  lines: readonly string[],
  sequence: number,
): KinesisStreamEvent["Records"][number] {
  const auction = (JSON.parse(lines[0] as string) as { readonly auction: number }).auction;
  return {
    awsRegion: "local",
    eventID: `shardId-000000000000:${sequence}`,
    eventName: "aws:kinesis:record",
    eventSource: "aws:kinesis",
    eventSourceARN: "arn:aws:kinesis:local:000000000000:stream/bids",
    eventVersion: "1.0",
    invokeIdentityArn: "",
    kinesis: {
      kinesisSchemaVersion: "1.0",
      partitionKey: String(auction),
      sequenceNumber: String(sequence),
      data: Buffer.from(lines.join("\n")).toString("base64"),
      // Beyond the fence's margin, so that the handler does not read by itself.
      approximateArrivalTimestamp: Date.now() / 1_000 + 120,
    },
  };
}

const rounds = 5;

/** Medians over several rounds, after one to warm up. */
export async function benchHandler(count: number): Promise<readonly HandlerFigure[]> {
  const lines = bidLines(count);
  const cases: readonly (readonly [JobDefinition, number])[] = [
    [selection("json"), 1],
    [selection("json-lines"), 100],
    [tumblingCount("json", true), 1],
    [tumblingCount("json-lines", false), 100],
    [tumblingCount("json", false), 1],
  ];
  const figures: HandlerFigure[] = [];
  for (const [job, linesPerRecord] of cases) {
    const runs: HandlerFigure[] = [];
    for (let round = 0; round <= rounds; round++)
      runs.push(await measureHandler(job, linesPerRecord, lines));
    const measured = runs
      .slice(1)
      .toSorted((left, right) => left.eventsPerCpuSecond - right.eventsPerCpuSecond);
    figures.push(measured[Math.floor(rounds / 2)] as HandlerFigure);
  }
  return figures;
}
