import { messageOf } from "../errors/millrace-error.ts";
import type { Shard, StreamPosition, StreamRecord } from "../ports/index.ts";
import { gatherBatch } from "./gather-batch.ts";
import { handOver } from "./hand-over.ts";
import type { MappingOptions, MappingSettings } from "./mapping-options.ts";

/**
 * Stands for Lambda's event source mapping of a Kinesis stream with a parallelization factor of one, as AWS documents it: one batch of
 * a shard at a time and in its order, parents to their ends before their children, every record at least once. Resolves when it was stopped and
 * no invocation is under way.
 */
export async function runEventSourceMapping<Result>(
  options: MappingOptions<Result>,
): Promise<void> {
  const { reader, settings, clock, tuning, isStopped } = options;
  const startingPosition = fixedInTime(settings.startingPosition, clock.nowMs());
  const pumps = new Map<string, Promise<void>>();
  const finished = new Set<string>();
  let initial: ReadonlySet<string> | undefined;
  while (!isStopped()) {
    const shards = await attempt(options, () => reader.listShards(settings.stream));
    if (shards !== undefined) {
      initial ??= new Set(shards.map(({ shardId }) => shardId));
      for (const { shardId } of shards.filter((shard) => !pumps.has(shard.shardId))) {
        if (!mayStart(options, { shardId, shards, finished })) continue;
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
  position: MappingSettings["startingPosition"],
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
function mayStart<Result>(
  { accepts }: MappingOptions<Result>,
  { shardId, shards, finished }: StartQuestion,
): boolean {
  if (accepts !== undefined) return accepts(shardId);
  const parents = shards.find((shard) => shard.shardId === shardId)?.parents ?? [];
  return parents.every(
    (parent) => finished.has(parent) || !shards.some((shard) => shard.shardId === parent),
  );
}

/** Reads a shard and hands it over until its end, which it answers with true, or until the mapping is stopped. */
async function pumpShard<Result>(
  options: MappingOptions<Result>,
  shardId: string,
  from: StreamPosition,
): Promise<boolean> {
  const { clock, tuning, checkpoints, isStopped } = options;
  /** What throttles or fails is asked again later, as long as it takes. */
  const untilDone = async <Answer>(work: () => Promise<Answer>): Promise<Answer | undefined> => {
    for (;;) {
      const answer = await attempt(options, async () => ({ of: await work() }));
      if (answer !== undefined) return answer.of;
      if (isStopped()) return undefined;
      await clock.sleep(tuning.pollMs);
    }
  };
  const done = await untilDone(async () => await checkpoints?.load(shardId));
  let position: StreamPosition = done === undefined ? from : { kind: "after", sequence: done };
  while (!isStopped()) {
    const start = position;
    const batch = await untilDone(() => gatherBatch(options, shardId, start));
    if (batch === undefined) return false;
    if (batch.records.length > 0) {
      await handOver(options, shardId, batch.records);
      // Stopped in mid-batch: what was left of it is handed over after the restart.
      if (isStopped()) return false;
      const { sequence } = batch.records.at(-1) as StreamRecord;
      await untilDone(async () => await checkpoints?.save(shardId, sequence));
    }
    position = batch.next;
    if (batch.ended) return true;
    if (batch.records.length === 0) await clock.sleep(tuning.pollMs);
  }
  return false;
}

/** Undefined where it failed. */
async function attempt<Result, Answer>(
  { onError }: MappingOptions<Result>,
  work: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await work();
  } catch (thrown) {
    onError?.(thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
    return undefined;
  }
}
