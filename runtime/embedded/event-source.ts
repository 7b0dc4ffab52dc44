import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { isMillraceError } from "../errors/millrace-error.ts";
import { kinesisEvent } from "./kinesis-event.ts";
import { patience } from "./patience.ts";
import { pauseMs } from "../retry/retry.ts";
import type { Clock, Random, StreamPosition, StreamReader, StreamRecord } from "../ports/index.ts";

/** Stands for an event source mapping: reads the shards of a stream and invokes a function with batches, as Lambda does. */
export interface EventSourceOptions {
  readonly stream: string;
  readonly reader: StreamReader;
  readonly clock: Clock;
  readonly random: Random;
  /** Invokes some warm environment. May throw: the batch is then handed over again. */
  readonly invoke: (
    event: KinesisStreamEvent,
    shardId: string,
  ) => Promise<KinesisStreamBatchResponse>;
  /** Records of one batch at most; 1 to 10,000. */
  readonly batchSize: number;
  /** A batch that is not full waits this long for more; 0 for not at all. */
  readonly batchWindowMs: number;
  /** How long an empty shard is left alone. */
  readonly pollMs: number;
  /** Shards that this poller reads: others belong to other workers. */
  readonly accepts: (shardId: string) => boolean;
  readonly isStopped: () => boolean;
  readonly onError?: (error: unknown) => void;
  readonly faults?: EventSourceFaults;
  /** Where it goes on after a restart. Default: at the beginning of every shard. */
  readonly checkpoints?: EventSourceCheckpoints;
}

/** What an event source remembers of each shard, as Lambda does for a mapping: a record before which all succeeded. */
export interface EventSourceCheckpoints {
  load(shardId: string): Promise<string | undefined>;
  save(shardId: string, sequence: string): Promise<void>;
}

/** What Lambda may do at any time, and does here on purpose: fractions of batches. */
export interface EventSourceFaults {
  /** Hands a batch over again after it succeeded. */
  readonly redeliver: number;
}

/** An invocation's payload is at most 6 MB, in base64. */
const batchMaxBytes = 4_000_000;
const pauses = { firstPauseMs: 100, pauseMaxMs: 1_000 };
const shardListMs = 250;

/**
 * Reads until it is stopped; resolves once no invocation is under way.
 * @throws what keeps failing although no retry can help, once no invocation is under way.
 */
export async function runEventSource(given: EventSourceOptions): Promise<void> {
  let failure: { readonly thrown: unknown } | undefined;
  const isStopped = (): boolean => failure !== undefined || given.isStopped();
  const invoke = patientInvoke(given, (thrown) => (failure ??= { thrown }));
  const options: EventSourceOptions = { ...untilNotBusy({ ...given, isStopped }), invoke };
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      if (!isStopped()) failure = { thrown };
    }
  };
  const pumps = new Map<string, Promise<void>>();
  const startPumps = async (): Promise<void> => {
    for (const { shardId } of await options.reader.listShards(options.stream)) {
      if (pumps.has(shardId) || !options.accepts(shardId)) continue;
      pumps.set(
        shardId,
        attempt(async () => await pumpShard(options, shardId)),
      );
    }
  };
  while (!isStopped()) {
    await attempt(startPumps);
    await options.clock.sleep(shardListMs);
  }
  await Promise.all(pumps.values());
  if (failure !== undefined) throw failure.thrown;
}

/** A busy store is asked again until it answers or the event source is stopped. */
function untilNotBusy(options: EventSourceOptions): EventSourceOptions {
  const { reader, checkpoints, clock, isStopped, onError } = options;
  const ask = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    for (;;) {
      try {
        return await call();
      } catch (thrown) {
        if (!isMillraceError(thrown) || !thrown.retryable || isStopped()) throw thrown;
        onError?.(thrown);
        await clock.sleep(shardListMs);
      }
    }
  };
  return {
    ...options,
    reader: {
      listShards: (stream) => ask(() => reader.listShards(stream)),
      read: (request) => ask(() => reader.read(request)),
    },
    ...(checkpoints && {
      checkpoints: {
        load: (shardId) => ask(() => checkpoints.load(shardId)),
        save: (shardId, sequence) => ask(() => checkpoints.save(shardId, sequence)),
      },
    }),
  };
}

/** Invokes, and says when a shard's invocations fail in vain. */
function patientInvoke(
  { invoke }: EventSourceOptions,
  giveUp: (thrown: unknown) => void,
): EventSourceOptions["invoke"] {
  const { isOver, reset } = patience();
  return async (event, shardId) => {
    try {
      const response = await invoke(event, shardId);
      reset(shardId);
      return response;
    } catch (thrown) {
      if (isOver(shardId, thrown)) giveUp(thrown);
      throw thrown;
    }
  };
}

async function pumpShard(options: EventSourceOptions, shardId: string): Promise<void> {
  const done = await options.checkpoints?.load(shardId);
  let position: StreamPosition =
    done === undefined ? { kind: "earliest" } : { kind: "after", sequence: done };
  while (!options.isStopped()) {
    const batch = await nextBatch(options, shardId, position);
    if (batch.records.length > 0) {
      await handOver(options, shardId, batch.records);
      // Stopped in mid-batch: what was left of it is handed over after the restart.
      if (options.isStopped()) return;
      const { sequence } = batch.records.at(-1) as StreamRecord;
      position = { kind: "after", sequence };
      await options.checkpoints?.save(shardId, sequence);
    } else if (batch.ended) return;
    else await options.clock.sleep(options.pollMs);
  }
}

interface PolledBatch {
  readonly records: readonly StreamRecord[];
  readonly ended: boolean;
}

/** Fills a batch up to its size, its bytes or its window. */
async function nextBatch(
  options: EventSourceOptions,
  shardId: string,
  from: StreamPosition,
): Promise<PolledBatch> {
  const { reader, stream, clock, batchSize, batchWindowMs, pollMs } = options;
  const untilMs = clock.nowMs() + batchWindowMs;
  const records: StreamRecord[] = [];
  let bytes = 0;
  let position = from;
  for (;;) {
    const read = await reader.read({
      stream,
      shardId,
      from: position,
      maxRecords: batchSize - records.length,
    });
    for (const record of read.records) {
      bytes += record.data.length;
      if (bytes > batchMaxBytes && records.length > 0) return { records, ended: false };
      records.push(record);
    }
    position = read.next;
    const isFull = records.length >= batchSize || bytes > batchMaxBytes;
    if (isFull || read.ended || clock.nowMs() >= untilMs || options.isStopped())
      return { records, ended: read.ended };
    if (read.records.length === 0) await clock.sleep(pollMs);
  }
}

/** Hands a batch over until all of it has succeeded: at least once, from the first failed record on. */
async function handOver(
  options: EventSourceOptions,
  shardId: string,
  batch: readonly StreamRecord[],
): Promise<void> {
  let pending = batch;
  for (let attempt = 0; pending.length > 0 && !options.isStopped(); attempt++) {
    if (attempt > 0) await options.clock.sleep(pauseMs(pauses, attempt, options.random));
    const before = pending.length;
    pending = await invokeOnce(options, shardId, pending);
    // Bisecting: a batch that fails as a whole is tried in halves, so that one record can't hold up the rest of it.
    if (pending.length === before && before > 1 && attempt > 1) {
      const half = Math.ceil(before / 2);
      await handOver(options, shardId, pending.slice(0, half));
      pending = pending.slice(half);
    } else if (pending.length < before) attempt = 0;
  }
  if (options.faults !== undefined && options.random.fraction() < options.faults.redeliver)
    await invokeOnce(options, shardId, batch);
}

/** Invokes once; answers the records that are to be handed over again. */
async function invokeOnce(
  options: EventSourceOptions,
  shardId: string,
  records: readonly StreamRecord[],
): Promise<readonly StreamRecord[]> {
  try {
    const { batchItemFailures } = await options.invoke(
      kinesisEvent(options.stream, shardId, records),
      shardId,
    );
    if (batchItemFailures.length === 0) return [];
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const first = records.findIndex(({ sequence }) => failed.has(sequence));
    // Lambda: an identifier that is not in the batch fails all of it.
    return first === -1 ? records : records.slice(first);
  } catch (thrown) {
    options.onError?.(thrown);
    return records;
  }
}
