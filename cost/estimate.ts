import { hoursPerMonth, prices, secondsPerMonth } from "./prices.ts";
import { batchesPerSecond, type Requests, requestsOf, rowUnits, standbys } from "./requests.ts";
import type { JobShape, Workload } from "./workload.ts";

/** One line of a bill. */
export interface CostLine {
  readonly service: "Lambda" | "DynamoDB" | "Kinesis" | "S3" | "CloudWatch";
  readonly what: string;
  /** In a month, in the unit that `what` names. */
  readonly amount: number;
  /** US dollars in a month. */
  readonly usd: number;
}

export interface Estimate {
  /** Requests in a second. */
  readonly requests: Requests;
  readonly lines: readonly CostLine[];
  readonly usd: number;
  /** What any engine would be asked for: the streams that the job reads, and the rows that it writes. In `usd` as well. */
  readonly sharedUsd: number;
  readonly managedFlink: { readonly kpus: number; readonly usd: number };
}

const coordinatorGib = 0.5;
const logBytesPerInvocation = 600;
/** Events that one KPU takes in a second: a middling figure for keyed windows. What a job really needs must be measured. */
const eventsPerKpu = 10_000;

/** What a job costs in a month under a steady load. */
export function estimateCost(shape: JobShape, load: Workload): Estimate {
  const requests = requestsOf(shape, load, batchesPerSecond(shape, load));
  const lines = [
    ...lambdaLines(load, requests),
    ...dynamodbLines(load, requests),
    ...kinesisLines(shape, load, requests),
    ...s3Lines(load, requests),
    line("CloudWatch", "GiB of logs", gib(requests.invocations * logBytesPerInvocation), [
      prices.cloudwatch.logGib,
    ]),
  ];
  const { putUnit } = prices.kinesis;
  return {
    requests,
    lines,
    usd: lines.reduce((sum, { usd }) => sum + usd, 0),
    sharedUsd:
      load.sourceShards * hoursPerMonth * shardHour(load) +
      requests.producerPutUnits * secondsPerMonth * putUnit +
      rowUnits(load) * secondsPerMonth * prices.dynamodb.writeUnit,
    managedFlink: flinkFloor(load),
  };
}

function lambdaLines(load: Workload, { invocations }: Requests): readonly CostLine[] {
  const { request, gibSecond } = prices.lambda;
  const busySeconds =
    invocations * (load.batchOverheadMs / 1_000) + load.eventsPerSecond / load.eventsPerCpuSecond;
  const processGib = load.memoryMiB / 1_024;
  return [
    line("Lambda", "invocations", invocations * secondsPerMonth, [request]),
    line("Lambda", "GiB-seconds of batches", busySeconds * processGib * secondsPerMonth, [
      gibSecond,
    ]),
    line("Lambda", "GiB-seconds of the coordinator", coordinatorGib * secondsPerMonth, [gibSecond]),
    line("Lambda", "GiB-seconds of its standby", standbys * coordinatorGib * secondsPerMonth, [
      gibSecond,
    ]),
  ];
}

function dynamodbLines({ stateGib }: Workload, requests: Requests): readonly CostLine[] {
  const { writeUnit, readUnit, gibMonth, recoveryGibMonth } = prices.dynamodb;
  return [
    line("DynamoDB", "write units", requests.writeUnits * secondsPerMonth, [writeUnit]),
    line("DynamoDB", "read units", requests.readUnits * secondsPerMonth, [readUnit]),
    line("DynamoDB", "GiB of logs and rows", stateGib, [gibMonth, recoveryGibMonth]),
  ];
}

function kinesisLines(
  { hasExchange }: JobShape,
  load: Workload,
  { putUnits, producerPutUnits }: Requests,
): readonly CostLine[] {
  const { putUnit } = prices.kinesis;
  const { sourceShards, exchangeShards, retentionHours } = load;
  const shards = sourceShards + (hasExchange ? exchangeShards : 0);
  const what = `shard hours, with ${retentionHours} h of retention`;
  return [
    line("Kinesis", what, shards * hoursPerMonth, [shardHour(load)]),
    line("Kinesis", "PUT units of producers", producerPutUnits * secondsPerMonth, [putUnit]),
    line("Kinesis", "PUT units of the exchange", putUnits * secondsPerMonth, [putUnit]),
  ];
}

/** The first day of retention is in the price. */
function shardHour({ retentionHours }: Workload): number {
  const { shardHour: oneDay, retentionHour } = prices.kinesis;
  return oneDay + (retentionHours > 24 ? retentionHour : 0);
}

function s3Lines(
  { stateGib }: Workload,
  { objectPuts, objectGets }: Requests,
): readonly CostLine[] {
  const { put, get, gibMonth } = prices.s3;
  // Parts and three retained checkpoints share most of their segments.
  return [
    line("S3", "puts", objectPuts * secondsPerMonth, [put]),
    line("S3", "gets", objectGets * secondsPerMonth, [get]),
    line("S3", "GiB", stateGib * 2, [gibMonth]),
  ];
}

/** The least that Managed Service for Apache Flink asks for such a load: its KPUs with their storage, its streams left out. */
function flinkFloor({ eventsPerSecond }: Workload): Estimate["managedFlink"] {
  const { kpuHour, storageGibMonth, storageGibPerKpu, orchestrationKpus } = prices.managedFlink;
  const kpus = Math.max(1, Math.ceil(eventsPerSecond / eventsPerKpu));
  const usd =
    (kpus + orchestrationKpus) * hoursPerMonth * kpuHour +
    kpus * storageGibPerKpu * storageGibMonth;
  return { kpus: kpus + orchestrationKpus, usd };
}

function line(
  service: CostLine["service"],
  what: string,
  amount: number,
  each: readonly number[],
): CostLine {
  return { service, what, amount, usd: amount * each.reduce((sum, price) => sum + price, 0) };
}

const gib = (bytesPerSecond: number): number => (bytesPerSecond * secondsPerMonth) / 2 ** 30;
