import { messageOf } from "../errors/millrace-error.ts";
import { feedsOf } from "../job/feeds.ts";
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
  function wasJustInvoked({ stream, shardId, row }: SourceShard, nowMs: number): boolean {
    const before = invoked.get(`${stream}/${shardId}`);
    return (
      before !== undefined &&
      before.version === row?.version &&
      nowMs - before.atMs < settings.sourceQuietMs
    );
  }

  async function start(source: SourceShard, nowMs: number): Promise<void> {
    const { stream, shardId, row, watermarkMs } = source;
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
      if (invoked.get(`${source.stream}/${source.shardId}`)?.isRunning === true) continue;
      const needsLook = isRestored && looks.afterRestore(source, nowMs);
      const mayBeIdle = looks.forIdleness(source, nowMs);
      const isToEmit = looks.forWatermark(source, nowMs);
      const isNeeded = needsInvocation(source, settings, nowMs) && !wasJustInvoked(source, nowMs);
      if (needsLook || mayBeIdle || isToEmit || isNeeded) started.push(start(source, nowMs));
    }
    return { started, isAnyRunning: [...invoked.values()].some(({ isRunning }) => isRunning) };
  };
}

function sourceShards(
  { job }: CoordinatorOptions,
  { progress, regions, epochs, shards: lists }: RoundView,
): readonly SourceShard[] {
  return feedsOf(job.plan, job.names).flatMap(({ source, stream, dividesHashSpace, fedBy }) => {
    if (source === undefined) return [];
    const { idleAfterMs, watermarkEveryMs } = job.plan.sources.find(({ uid }) => uid === source)!;
    const { ms: watermarkMs } = watermarkBehind(source, job.plan, regions);
    const all = { stream, idleAfterMs, watermarkEveryMs, epochs, watermarkMs };
    const rows = new Map(
      progress.filter((row) => row.stream === stream).map((row) => [row.shardId, row]),
    );
    if (!dividesHashSpace)
      return [...rows].map(([shardId, row]) => ({
        ...all,
        shardId,
        isUnfed: fedBy === "nobody",
        row,
        isTakenOver: false,
      }));
    const shards = lists.get(stream) ?? [];
    return shards.flatMap((shard) => {
      const { shardId, closed, parents } = shard;
      const row = rows.get(shardId);
      // protocol 5.4: a shard of another life of the job is left alone.
      if (row === undefined && nearestSlots(shard, shards, rows).length === 0) return [];
      const isTakenOver = parents.some((parentId) => rows.get(parentId)?.sealed === true);
      return [{ ...all, shardId, isUnfed: closed, row, isTakenOver }];
    });
  });
}
