import { defaultCoordinatorSettings } from "../runtime/coordinator/options.ts";
import type { JobShape, Workload } from "./workload.ts";

/** What a job asks of AWS in a second, or in whatever span `batches` speaks of. */
export interface Requests {
  readonly invocations: number;
  readonly reads: number;
  readonly readUnits: number;
  readonly writes: number;
  readonly writeUnits: number;
  /** PutRecords of the job, and records in them; what producers put into its sources is `producerPutUnits`. */
  readonly puts: number;
  readonly putUnits: number;
  readonly producerPutUnits: number;
  readonly objectPuts: number;
  readonly objectGets: number;
}

/** Batches of source slots and exchange slots, rounds of the coordinator, and the seconds in which it leads, and in which others stand by. */
export interface Batches {
  readonly source: number;
  readonly exchange: number;
  readonly rounds: number;
  readonly leadSeconds: number;
  readonly standbySeconds: number;
}

/** Bytes of an item that count for nothing else: names, version, nonce and plan of a commit; a progress row, whole. */
const commitBytes = 380;
const progressBytes = 520;
/** What a key that was touched adds to a commit, and a row that is written. */
const keyBytes = 18;
/** A commit body above this stands in an object. */
const inlineMaxBytes = 8_192;
const commitsPerPart = 128;
/** The coordinator looks every second whether its generation still lives, and renews its lease every five. */
const generationReadsPerSecond = 1;
const leaseWritesPerSecond = 0.2;
/** A start that finds another leading waits for its lease until after the next start, and looks at it twice a second. */
const { standbyMs, standbyPollMs } = defaultCoordinatorSettings;
const standbyReadsPerSecond = 1_000 / standbyPollMs;
const startSeconds = 60;
export const standbys = standbyMs / 1_000 / startSeconds;
const writeUnitBytes = 1_024;
const readUnitBytes = 4_096;
const putUnitBytes = 25 * 1_024;

const units = (bytes: number, size: number): number => Math.max(1, Math.ceil(bytes / size));

/** Batches in a second: each shard has one a window, or more where its records don't fit into one. */
export function batchesPerSecond(shape: JobShape, load: Workload): Batches {
  const { eventsPerSecond, sourceShards, exchangeShards, windowSeconds, batchSize } = load;
  const perShard = Math.max(1 / windowSeconds, eventsPerSecond / sourceShards / batchSize);
  return {
    source: eventsPerSecond === 0 ? 0 : sourceShards * perShard,
    exchange: shape.hasExchange ? exchangeShards / windowSeconds : 0,
    rounds: 1 / load.tickSeconds,
    leadSeconds: 1,
    standbySeconds: standbys,
  };
}

/**
 * The requests of so many batches, by the steps of a batch: a source slot reads the generation, its progress row, the open epoch and
 * the pressure, and the newest row of its log; an exchange slot the first two and its log. Either then appends a commit, delivers and shows its progress. A round lists
 * progress rows and reads the epochs; where a source slot has committed since the round before, it
 * puts a tick into each shard of the exchange. Keyed stages behind others raise watermarks of their own, which is left out: a few ticks more.
 */
export function requestsOf(shape: JobShape, load: Workload, batches: Batches): Requests {
  const { source, exchange, rounds, leadSeconds, standbySeconds } = batches;
  const { exchangeShards, keysPerBatch, rowBytes, elementBytes, eventBytes } = load;
  const events = load.eventsPerSecond / Math.max(1e-9, batchesPerSecond(shape, load).source);
  const { hasExchange } = shape;
  const rowsIn = rowsPerBatch(shape, load);
  const frameBytes = events * elementBytes;
  const sourceBytes = commitBytes + (hasExchange ? frameBytes : rowsIn * rowBytes);
  const exchangeBytes =
    commitBytes + keysPerBatch * keyBytes + (hasExchange ? rowsIn * rowBytes : 0);
  const commits = source + exchange;
  const parts = commits / commitsPerPart;
  const rows = rowsIn * (hasExchange ? exchange : source);
  const frames = hasExchange ? source * exchangeShards : 0;
  const tickingRounds = hasExchange ? Math.min(rounds, source) : 0;
  const ticks = tickingRounds * exchangeShards;
  const ownReads = leadSeconds * generationReadsPerSecond + standbySeconds * standbyReadsPerSecond;
  const leaseWrites = leadSeconds * leaseWritesPerSecond;
  const isInObject = (bytes: number): number => (bytes > inlineMaxBytes ? 1 : 0);
  const inItem = (bytes: number): number => (isInObject(bytes) === 1 ? commitBytes : bytes);
  const writeUnits = (count: number, bytes: number): number =>
    count * units(inItem(bytes), writeUnitBytes);
  return {
    invocations: commits,
    reads: source * 5 + exchange * 3 + rounds * 2 + ownReads,
    readUnits:
      source * (4 + units(inItem(sourceBytes), readUnitBytes)) +
      exchange * (2 + units(inItem(exchangeBytes), readUnitBytes)) +
      rounds * (1 + units((load.sourceShards + exchangeShards) * progressBytes, readUnitBytes)) +
      ownReads,
    writes: commits * 2 + rows + parts + leaseWrites,
    writeUnits:
      writeUnits(source, sourceBytes) +
      writeUnits(exchange, exchangeBytes) +
      (commits + parts) * units(progressBytes, writeUnitBytes) +
      rows * units(rowBytes, writeUnitBytes) +
      leaseWrites,
    puts: (hasExchange ? source : 0) + tickingRounds,
    putUnits: frames * units(frameBytes / exchangeShards, putUnitBytes) + ticks,
    producerPutUnits: source * events * units(eventBytes, putUnitBytes),
    objectPuts: parts * 2 + source * isInObject(sourceBytes) + exchange * isInObject(exchangeBytes),
    objectGets: parts,
  };
}

/** Write units of the sinks' rows in a second. */
export function rowUnits({ rowsPerSecond, rowBytes }: Workload): number {
  return rowsPerSecond * units(rowBytes, writeUnitBytes);
}

/** Rows that one batch of the slots with the sinks writes. */
function rowsPerBatch(shape: JobShape, load: Workload): number {
  const { source, exchange } = batchesPerSecond(shape, load);
  const batches = shape.hasExchange ? exchange : source;
  return batches === 0 ? 0 : load.rowsPerSecond / batches;
}
