import { msBetween } from "../job/ms-between.ts";
import { isOver, shownPhase } from "../job/phase.ts";
import type { SlotProgress } from "../job/progress.ts";
import type { EpochOutcome } from "./epoch-round.ts";
import type { CoordinatorSettings } from "./options.ts";

/** A shard of a source, as a round sees it. */
export interface SourceShard {
  readonly stream: string;
  readonly shardId: string;
  /** Nobody hands over what is left in it: it is closed, or never was a stream's. */
  readonly isUnfed: boolean;
  readonly row: SlotProgress | undefined;
  /** A parent is sealed: the takeover has begun, or a sibling's has. */
  readonly isTakenOver: boolean;
  readonly idleAfterMs: number | undefined;
  readonly watermarkEveryMs: number | undefined;
  readonly epochs: EpochOutcome;
  /** Of a stage behind the source. */
  readonly watermarkMs: number;
}

/** Whether the slot has something to do of which no record tells it. */
export function needsInvocation(
  { isUnfed, row, isTakenOver, epochs, watermarkMs }: SourceShard,
  settings: Pick<CoordinatorSettings, "sourceQuietMs">,
  nowMs: number,
): boolean {
  // protocol 6.7: nothing takes over from a source that has stopped, but what was begun is finished.
  if (row === undefined) return !epochs.stopping || isTakenOver;
  if (row.sealed) return false;
  const quietForMs = msBetween(nowMs, row.atMs);
  const isBehind = epochs.isOpen && row.epoch < epochs.epoch;
  const isToEnd = epochs.draining && !row.ended;
  if ((isBehind || isToEnd) && quietForMs >= settings.sourceQuietMs) return true;
  // protocol 6.7: a job that stops fires no timers; one that is drained waits for those that stand (4.8).
  if (!epochs.stopping && row.nextTimerMs !== undefined && row.nextTimerMs <= nowMs) return true;
  if (isOver(shownPhase(row))) return false;
  // protocol 4.7: the other shards have moved on, and keyed stages in an idle one have to.
  if (isDueBehind(row, watermarkMs)) return true;
  return isUnfed && quietForMs >= settings.sourceQuietMs;
}

/** An event timer of an idle slot is due by the watermark of the others. */
function isDueBehind({ nextEventTimerMs, watermarks }: SlotProgress, watermarkMs: number): boolean {
  return (
    nextEventTimerMs !== undefined &&
    nextEventTimerMs <= watermarkMs &&
    Number.isFinite(watermarkMs) &&
    Object.values(watermarks).every(({ idle }) => idle)
  );
}
