import type { KinesisStreamEvent } from "aws-lambda";
import { messageOf } from "../../runtime/errors/millrace-error.ts";
import type {
  Clock,
  Random,
  Shard,
  StreamPosition,
  StreamReader,
} from "../../runtime/ports/index.ts";
import { gatherBatch } from "./gather-batch.ts";
import { handOver } from "./hand-over.ts";
import type { MappingConfiguration, MappingTuning } from "./mapping-configuration.ts";
import type { DiscardedBatch } from "./on-failure.ts";
import type { InvocationResult } from "./runtime-api.ts";

/** What an event source mapping works with. */
export interface MappingOptions {
  readonly configuration: MappingConfiguration;
  readonly tuning: MappingTuning;
  readonly reader: StreamReader;
  readonly clock: Clock;
  readonly random: Random;
  readonly invoke: (event: KinesisStreamEvent) => Promise<InvocationResult>;
  /** Gets what was given up; a mapping without a destination drops it. */
  readonly onFailure?: (discarded: DiscardedBatch) => Promise<void>;
  readonly onInvocation?: (figures: InvocationFigures) => void;
  readonly onError?: (error: unknown) => void;
  readonly isStopped: () => boolean;
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

/**
 * Stands for Lambda's event source mapping of a Kinesis stream with a parallelization factor of one, as AWS documents it: one batch of
 * a shard at a time and in its order, parents to their ends before their children, every record at least once. Resolves when it was stopped and
 * no invocation is under way.
 */
export async function runEventSourceMapping(options: MappingOptions): Promise<void> {
  const { reader, configuration, clock, tuning, isStopped } = options;
  const startingPosition = fixedInTime(configuration.startingPosition, clock.nowMs());
  const pumps = new Map<string, Promise<void>>();
  const finished = new Set<string>();
  let initial: ReadonlySet<string> | undefined;
  while (!isStopped()) {
    const shards = await attempt(options, () => reader.listShards(configuration.stream));
    if (shards !== undefined) {
      initial ??= new Set(shards.map(({ shardId }) => shardId));
      for (const { shardId } of shards.filter((shard) => !pumps.has(shard.shardId))) {
        if (!mayStart({ shardId, shards, finished })) continue;
        const from: StreamPosition = initial.has(shardId) ? startingPosition : { kind: "earliest" };
        pumps.set(
          shardId,
          pumpShard(options, shardId, from).then((ended) => void (ended && finished.add(shardId))),
        );
      }
    }
    await clock.sleep(tuning.shardListMs);
  }
  await Promise.all(pumps.values());
}

/** "Latest" means when the mapping began, not whenever a shard is asked. */
function fixedInTime(
  position: MappingConfiguration["startingPosition"],
  timeMs: number,
): StreamPosition {
  return position.kind === "latest" ? { kind: "time", timeMs } : position;
}

interface StartQuestion {
  readonly shardId: string;
  readonly shards: readonly Shard[];
  readonly finished: ReadonlySet<string>;
}

/** Parents that are no longer listed hold nothing that could be read. */
function mayStart({ shardId, shards, finished }: StartQuestion): boolean {
  const parents = shards.find((shard) => shard.shardId === shardId)?.parents ?? [];
  return parents.every(
    (parent) => finished.has(parent) || !shards.some((shard) => shard.shardId === parent),
  );
}

/** Reads a shard and hands it over until its end, which it answers with true, or until the mapping is stopped. */
async function pumpShard(
  options: MappingOptions,
  shardId: string,
  from: StreamPosition,
): Promise<boolean> {
  const { clock, tuning, isStopped } = options;
  let position = from;
  while (!isStopped()) {
    const start = position;
    const batch = await attempt(options, () => gatherBatch(options, shardId, start));
    if (batch === undefined) {
      await clock.sleep(tuning.pollMs);
      continue;
    }
    if (batch.records.length > 0) {
      await handOver(options, shardId, batch.records);
      if (isStopped()) return false;
    }
    position = batch.next;
    if (batch.ended) return true;
    if (batch.records.length === 0) await clock.sleep(tuning.pollMs);
  }
  return false;
}

/** What throttles or fails is asked again later, as long as it takes. */
async function attempt<T>(
  { onError }: MappingOptions,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    onError?.(thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
    return undefined;
  }
}
