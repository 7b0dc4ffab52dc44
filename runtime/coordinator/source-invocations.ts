import { messageOf } from "../errors/millrace-error.ts";
import { physicalStream } from "../job/job-runtime.ts";
import type { CoordinatorOptions } from "./options.ts";
import { nearestSlots } from "./regions.ts";
import type { RoundView } from "./round.ts";
import { sourceLooks } from "./source-looks.ts";
import { needsInvocation, type SourceShard } from "./source-shard.ts";
import { watermarkBehind } from "./stage-watermarks.ts";

export interface SourceInvocations {
  /** Settled when they are done, never rejected. */
  readonly started: readonly Promise<void>[];
  /** Also one of an earlier round. */
  readonly isAnyRunning: boolean;
}

/** The newest direct invocation of a shard. */
interface Invoked {
  /** What the slot showed when it was started. */
  readonly version: number | undefined;
  readonly atMs: number;
  isRunning: boolean;
}

/**
 * protocol 5.6: invokes source slots that nothing else would: closed ones, those without a log, those that may be idle,
 * those with a timer due, and those that a restore has taken back.
 */
export function sourceInvocations(options: CoordinatorOptions) {
  const { job, invoker, settings } = options;
  const invoked = new Map<string, Invoked>();
  const looks = sourceLooks(options);

  /** Nobody knows when an invocation that was taken down is done: one that has changed nothing yet may still be under way. */
  function wasJustInvoked({ stream, shard, row }: SourceShard, nowMs: number): boolean {
    const before = invoked.get(`${stream}/${shard.shardId}`);
    return (
      before !== undefined &&
      before.version === row?.version &&
      nowMs - before.atMs < settings.sourceQuietMs
    );
  }

  async function start(source: SourceShard, nowMs: number): Promise<void> {
    const { stream, shard, row, watermarkMs } = source;
    const { shardId } = shard;
    const time = Number.isFinite(watermarkMs) ? { watermarkMs } : {};
    const started: Invoked = { version: row?.version, atMs: nowMs, isRunning: true };
    invoked.set(`${stream}/${shardId}`, started);
    try {
      await invoker.invoke({ stream, shardId, ...time });
    } catch (thrown) {
      const error = messageOf(thrown);
      job.ports.telemetry.log("warn", "a slot invocation failed", { error });
    } finally {
      started.isRunning = false;
    }
  }

  return (view: RoundView): SourceInvocations => {
    const { nowMs, generation } = view;
    const isRestored = generation.restoredFrom !== undefined;
    const started: Promise<void>[] = [];
    for (const source of sourceShards(options, view)) {
      if (invoked.get(`${source.stream}/${source.shard.shardId}`)?.isRunning === true) continue;
      const needsLook = isRestored && looks.afterRestore(source, nowMs);
      const mayBeIdle = looks.forIdleness(source, nowMs);
      const isNeeded = needsInvocation(source, settings, nowMs) && !wasJustInvoked(source, nowMs);
      if (needsLook || mayBeIdle || isNeeded) started.push(start(source, nowMs));
    }
    return { started, isAnyRunning: [...invoked.values()].some(({ isRunning }) => isRunning) };
  };
}

function sourceShards(
  { job }: CoordinatorOptions,
  { progress, regions, epochs, shards: lists }: RoundView,
): readonly SourceShard[] {
  return job.plan.sources.flatMap(({ uid, stream: logical, idleAfterMs }) => {
    const { ms: watermarkMs } = watermarkBehind(uid, job.plan, regions);
    const stream = physicalStream(job.names, logical);
    const rows = new Map(
      progress.filter((row) => row.stream === stream).map((row) => [row.shardId, row]),
    );
    const shards = lists.get(stream) ?? [];
    return shards.flatMap((shard) => {
      const row = rows.get(shard.shardId);
      // protocol 5.4: a shard of another life of the job is left alone.
      if (row === undefined && nearestSlots(shard, shards, rows).length === 0) return [];
      const isTakenOver = shard.parents.some((parentId) => rows.get(parentId)?.sealed === true);
      return [{ stream, shard, row, isTakenOver, idleAfterMs, epochs, watermarkMs }];
    });
  });
}
