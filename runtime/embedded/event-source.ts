import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { isMillraceError } from "../errors/millrace-error.ts";
import { type EventOrigin, kinesisEvent } from "../event-source/kinesis-event.ts";
import { runEventSourceMapping } from "../event-source/mapping.ts";
import type { BatchOutcome, MappingOptions } from "../event-source/mapping-options.ts";
import type { StreamRecord } from "../ports/index.ts";
import { patience } from "./patience.ts";

/** An event source mapping of a run on this machine: it serves some of a stream's shards, and gives up what can't get better. */
export interface EventSourceOptions extends Pick<
  MappingOptions<undefined>,
  "reader" | "clock" | "random" | "isStopped" | "onError" | "checkpoints"
> {
  readonly stream: string;
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
  readonly faults?: EventSourceFaults;
}

/** What Lambda may do at any time, and does here on purpose: fractions of batches. */
export interface EventSourceFaults {
  /** Hands a batch over again after it succeeded. */
  readonly redeliver: number;
}

const region = "local";

/** Where records of this machine's streams say that they come from. */
export const originHere = (stream: string, shardId: string): EventOrigin => ({
  streamArn: `arn:aws:kinesis:${region}:000000000000:stream/${stream}`,
  region,
  shardId,
});

const retry = { firstPauseMs: 100, pauseMaxMs: 1_000 };
const shardListMs = 250;

/**
 * Reads until it is stopped; resolves once no invocation is under way.
 * @throws what keeps failing although no retry can help, once no invocation is under way.
 */
export async function runEventSource(options: EventSourceOptions): Promise<void> {
  const { stream, reader, clock, random, accepts, onError, checkpoints, faults } = options;
  const { batchSize, batchWindowMs, pollMs } = options;
  const failures: unknown[] = [];
  const giveUp = (thrown: unknown): void => void failures.push(thrown);
  const unlessForGood = givingUp(giveUp);
  const { streamArn } = originHere(stream, "");
  await runEventSourceMapping({
    settings: { ...everySetting, stream, streamArn, batchSize, batchWindowMs },
    tuning: { pollMs, shardListMs, retry, redeliveryFraction: faults?.redeliver ?? 0 },
    reader: { listShards: unlessForGood(reader.listShards), read: unlessForGood(reader.read) },
    ...(checkpoints && {
      checkpoints: {
        load: unlessForGood(checkpoints.load),
        save: unlessForGood(checkpoints.save),
      },
    }),
    invoke: patientInvoke(options, giveUp),
    clock,
    random,
    accepts,
    ...(onError && { onError }),
    isStopped: () => failures.length > 0 || options.isStopped(),
  });
  if (failures.length > 0) throw failures[0];
}

const everySetting = {
  region,
  startingPosition: { kind: "earliest" },
  bisectBatchOnFunctionError: true,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
} as const;

/** The same call, which gives up where no retry can help; a busy store is asked again until it answers. */
function givingUp(giveUp: (thrown: unknown) => void) {
  return <Asked extends readonly unknown[], Answer>(call: (...asked: Asked) => Promise<Answer>) =>
    async (...asked: Asked): Promise<Answer> => {
      try {
        return await call(...asked);
      } catch (thrown) {
        if (!isMillraceError(thrown) || !thrown.retryable) giveUp(thrown);
        throw thrown;
      }
    };
}

/** Invokes, and gives up when a shard's invocations fail in vain. */
function patientInvoke(
  { stream, invoke }: EventSourceOptions,
  giveUp: (thrown: unknown) => void,
): MappingOptions<undefined>["invoke"] {
  const { isOver, reset } = patience();
  return async (shardId, records) => {
    try {
      const response = await invoke(kinesisEvent(originHere(stream, shardId), records), shardId);
      reset(shardId);
      return { outcome: outcomeOf(response, records), result: undefined };
    } catch (thrown) {
      if (isOver(shardId, thrown)) giveUp(thrown);
      throw thrown;
    }
  };
}

function outcomeOf(
  { batchItemFailures }: KinesisStreamBatchResponse,
  records: readonly StreamRecord[],
): BatchOutcome {
  if (batchItemFailures.length === 0) return { kind: "succeeded" };
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const index = records.findIndex(({ sequence }) => failed.has(sequence));
  // Lambda: an identifier that is not in the batch fails all of it.
  return index === -1 ? { kind: "failed" } : { kind: "failed-from", index };
}
