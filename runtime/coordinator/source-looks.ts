import { msBetween } from "../job/ms-between.ts";
import { isOver, shownPhase } from "../job/phase.ts";
import type { CoordinatorOptions } from "./options.ts";
import type { SourceShard } from "./source-shard.ts";

/** Why a source slot is made to look for itself; each answer is noted, since it is acted upon. */
export interface SourceLooks {
  /**
   * protocol 5.6: whoever hands records over may be ahead of a slot that was taken back. Until it is past its fence, it looks
   * once for each version that it has stood still at.
   */
  afterRestore(source: SourceShard, nowMs: number): boolean;
  /**
   * protocol 5.6: a slot that has had no element for its `idleAfter` looks whether it is idle, also where records keep coming
   * that can't be read. It looks again at a distance, until it has found the tip of its shard.
   */
  forIdleness(source: SourceShard, nowMs: number): boolean;
  /** A generator of watermarks runs with each batch, and where none has come for its `every`. */
  forWatermark(source: SourceShard, nowMs: number): boolean;
}

/** A look that has found nothing is repeated: it may have failed. */
const lookAgainMs = 60_000;

export function sourceLooks({ settings }: CoordinatorOptions): SourceLooks {
  /** By slot: at which version, and when. */
  const afterRestore = new Map<string, { readonly version: number; readonly atMs: number }>();
  const forIdlenessMs = new Map<string, number>();
  const forWatermarkMs = new Map<string, number>();
  return {
    afterRestore: ({ row }, nowMs) => {
      if (row?.beforeFence !== true && row?.version !== 1) return false;
      if (isOver(shownPhase(row))) return false;
      if (msBetween(nowMs, row.atMs) < settings.sourceQuietMs) return false;
      const before = afterRestore.get(row.slot);
      if (before?.version === row.version && nowMs - before.atMs < lookAgainMs) return false;
      afterRestore.set(row.slot, { version: row.version, atMs: nowMs });
      return true;
    },
    forIdleness: ({ row, idleAfterMs }, nowMs) => {
      if (idleAfterMs === undefined || row === undefined) return false;
      if (isOver(shownPhase(row))) return false;
      if (row.version > 0 && Object.values(row.watermarks).every(({ idle }) => idle)) return false;
      if (msBetween(nowMs, row.lastElementMs ?? row.atMs) <= idleAfterMs) return false;
      const beforeMs = forIdlenessMs.get(row.slot) ?? Number.NEGATIVE_INFINITY;
      if (nowMs - beforeMs < Math.min(settings.sourceQuietMs, idleAfterMs)) return false;
      forIdlenessMs.set(row.slot, nowMs);
      return true;
    },
    forWatermark: ({ row, watermarkEveryMs }, nowMs) => {
      if (watermarkEveryMs === undefined || row === undefined) return false;
      if (isOver(shownPhase(row))) return false;
      // A look that changes nothing leaves no row.
      const beforeMs = Math.max(forWatermarkMs.get(row.slot) ?? 0, row.atMs);
      if (msBetween(nowMs, beforeMs) < watermarkEveryMs) return false;
      forWatermarkMs.set(row.slot, nowMs);
      return true;
    },
  };
}
