import type { RetryPolicy } from "../../runtime/retry/retry.ts";
import type { StreamPosition } from "../../runtime/ports/index.ts";

/** An event source mapping's settings, with AWS's names where Lambda's are unclear about units. */
export interface MappingConfiguration {
  readonly uuid: string;
  readonly stream: string;
  readonly streamArn: string;
  readonly region: string;
  readonly functionArn: string;
  /** Where it begins in the shards that are there when it starts; later shards are read from their beginning. */
  readonly startingPosition: StreamPosition | { readonly kind: "latest" };
  /** 1 to 10,000. */
  readonly batchSize: number;
  readonly batchWindowMs: number;
  readonly bisectBatchOnFunctionError: boolean;
  readonly reportBatchItemFailures: boolean;
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
