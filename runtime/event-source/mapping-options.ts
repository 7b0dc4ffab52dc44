import type { Clock, Random, StreamPosition, StreamReader, StreamRecord } from "../ports/index.ts";
import type { RetryPolicy } from "../retry/retry.ts";

/** What an event source mapping does with a stream, with AWS's names where Lambda's are unclear about units. */
export interface MappingSettings {
  readonly stream: string;
  readonly streamArn: string;
  readonly region: string;
  /** Where it begins in the shards that are there when it starts; later shards are read from their beginning. */
  readonly startingPosition: StreamPosition | { readonly kind: "latest" };
  /** 1 to 10,000. */
  readonly batchSize: number;
  readonly batchWindowMs: number;
  readonly bisectBatchOnFunctionError: boolean;
  /** -1 for no limit. */
  readonly maximumRetryAttempts: number;
  /** -1 for no limit. */
  readonly maximumRecordAgeSeconds: number;
}

export interface MappingTuning {
  /** How often an empty shard is asked; Lambda asks once a second. Default: 1,000 ms. */
  readonly pollMs: number;
  /** How often the shards are listed. Default: 1,000 ms. */
  readonly shardListMs: number;
  /** Pauses before a batch that failed is handed over again. AWS names no figures. Defaults: 100 and 10,000 ms. */
  readonly retry: Pick<RetryPolicy, "firstPauseMs" | "pauseMaxMs">;
  /** Fraction of batches that are handed over again although they succeeded: at least once. Default: 0. */
  readonly redeliveryFraction: number;
}

export const defaultMappingTuning: MappingTuning = {
  pollMs: 1_000,
  shardListMs: 1_000,
  retry: { firstPauseMs: 100, pauseMaxMs: 10_000 },
  redeliveryFraction: 0,
};

/** How much of a batch has succeeded. */
export type BatchOutcome =
  | { readonly kind: "succeeded" }
  /** The function failed, or its answer counts as a failure of all. */
  | { readonly kind: "failed" }
  /** All before this record has succeeded. */
  | { readonly kind: "failed-from"; readonly index: number };

/** What came of an invocation; `result` is for whoever gets what is given up. */
export interface Invocation<Result> {
  readonly outcome: BatchOutcome;
  readonly result: Result;
}

/** What an event source mapping works with. */
export interface MappingOptions<Result> {
  readonly settings: MappingSettings;
  readonly tuning: MappingTuning;
  readonly reader: StreamReader;
  readonly clock: Clock;
  readonly random: Random;
  /** Invokes the function with records of a shard. May throw: the batch is then handed over again. */
  readonly invoke: (
    shardId: string,
    records: readonly StreamRecord[],
  ) => Promise<Invocation<Result>>;
  /** Gets what was given up; a mapping without a destination drops it. */
  readonly onFailure?: (discarded: DiscardedBatch<Result>) => Promise<void>;
  readonly onInvocation?: (figures: InvocationFigures) => void;
  readonly onError?: (error: unknown) => void;
  /** Shards that it reads: the others are read elsewhere, so that parents are not waited for. Default: all of them. */
  readonly accepts?: (shardId: string) => boolean;
  /** Where it goes on after a restart. Default: nothing is remembered. */
  readonly checkpoints?: MappingCheckpoints;
  readonly isStopped: () => boolean;
}

/** What a mapping remembers of each shard, as Lambda does: a record before which all succeeded. */
export interface MappingCheckpoints {
  load(shardId: string): Promise<string | undefined>;
  save(shardId: string, sequence: string): Promise<void>;
}

export interface InvocationFigures {
  readonly shardId: string;
  readonly records: number;
  /** Lambda's metric IteratorAge: how old the batch's last record was when the batch was handed over. */
  readonly iteratorAgeMs: number;
  readonly succeeded: boolean;
  /** The batch had succeeded before. */
  readonly isRedelivery: boolean;
}

export type DiscardCondition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** Records that a mapping gave up. */
export interface DiscardedBatch<Result> {
  readonly shardId: string;
  readonly records: readonly StreamRecord[];
  readonly condition: DiscardCondition;
  readonly invocations: number;
  /** What the last invocation answered, if there was one. */
  readonly result?: Result;
}
