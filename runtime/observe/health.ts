import type { SlotProgress } from "../job/progress.ts";
import type { Shard } from "../ports/index.ts";
import { livingSlots, totalsOf } from "./living-slots.ts";

/** What is measured of a job as a whole; the coordinator reports it under the names of the metrics. */
export interface JobHealth {
  readonly slots: number;
  readonly stateBytes: number;
  /** Of the slot that is nearest to the end of its ring: commits that no part covers, of those that have room (protocol 3.4). */
  readonly ringUsedPercent: number;
  /** Age of the oldest watermark that an exchange slot has not applied. */
  readonly exchangeLagMs: number;
  /** How far the slowest watermark is behind the clock; absent where none is a time. */
  readonly watermarkLagMs?: number;
  /** Closed shards that are not read to their end, or that not all children have taken over from (protocol 5). */
  readonly undrainedParents: number;
}

export interface HealthInput {
  readonly progress: readonly SlotProgress[];
  /** By stream. */
  readonly shards: ReadonlyMap<string, readonly Shard[]>;
  readonly ringSize: number;
  readonly exchangeLagMs: number;
  readonly nowMs: number;
}

export function healthOf(input: HealthInput): JobHealth {
  const { progress, shards, ringSize, exchangeLagMs, nowMs } = input;
  const living = livingSlots(progress);
  const watermarkLagMs = watermarkLagOf(living, nowMs);
  return {
    slots: living.length,
    stateBytes: totalsOf(living).stateBytes,
    ringUsedPercent: Math.max(0, ...living.map((row) => ringUsedPercent(row, ringSize))),
    exchangeLagMs,
    ...(watermarkLagMs !== undefined && { watermarkLagMs }),
    undrainedParents: undrainedParents(progress, shards),
  };
}

/** How far the slowest watermark of slots that are not idle is behind the clock; undefined where none is a time. */
export function watermarkLagOf(living: readonly SlotProgress[], nowMs: number): number | undefined {
  const watermarksMs = living.flatMap(({ watermarks }) =>
    Object.values(watermarks).flatMap(({ ms, idle }) => (Number.isFinite(ms) && !idle ? [ms] : [])),
  );
  return watermarksMs.length === 0 ? undefined : nowMs - Math.min(...watermarksMs);
}

/** A slot without a part whose version is beyond the ring has taken over: its first commit writes one before. */
export function ringUsedPercent({ version, part }: SlotProgress, ringSize: number): number {
  if (part === undefined && version > ringSize) return 0;
  return Math.min(100, ((version - (part?.version ?? 0)) / ringSize) * 100);
}

/** Shards of another life of the job have no slot, and don't count (protocol 5.4). */
function undrainedParents(
  progress: readonly SlotProgress[],
  shards: ReadonlyMap<string, readonly Shard[]>,
): number {
  const rows = new Map(progress.map((row) => [`${row.stream}/${row.shardId}`, row]));
  let count = 0;
  for (const [stream, listed] of shards)
    for (const { shardId } of listed) {
      const row = rows.get(`${stream}/${shardId}`);
      const children = listed.filter(({ parents }) => parents.includes(shardId));
      if (row === undefined || children.length === 0) continue;
      const isTakenOver = children.every((child) => rows.has(`${stream}/${child.shardId}`));
      if (!row.sealed || !isTakenOver) count += 1;
    }
  return count;
}
