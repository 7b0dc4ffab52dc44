import type { AfterMatch } from "../graph/pattern.ts";
import { isEarlier, type MatchQueue, poll, removeWhere } from "./match-queue.ts";
import { hasBegun, type KeptRuns } from "./run.ts";
import type { SharedBuffer, Taken } from "./shared-buffer.ts";
import { droppedBefore } from "./skip-strategies.ts";

/**
 * Takes out matches that are done, the earliest first, and drops what the strategy drops behind each. With a strategy that drops anything none is
 * told while a run is open that began earlier: that may still match, and drop this one.
 */
export function settleMatches(
  kept: KeptRuns,
  buffer: SharedBuffer,
  afterMatch: AfterMatch<string>,
): readonly (readonly Taken[])[] {
  const told: (readonly Taken[])[] = [];
  for (let run = kept.done[0]; run !== undefined; run = kept.done[0]) {
    const [earliest] = kept.open;
    const skips = afterMatch.kind !== "noSkip";
    if (skips && earliest !== undefined && !isEarlier(run, earliest)) break;
    poll(kept.done);
    const elements = buffer.elementsOf(run[1]);
    const before = droppedBefore(afterMatch, elements);
    if (before !== undefined) {
      drop(kept.open, before, buffer);
      drop(kept.done, before, buffer);
    }
    told.push(elements);
    buffer.release(run[1]);
  }
  return told;
}

function drop(queue: MatchQueue, before: number, buffer: SharedBuffer): void {
  removeWhere(queue, (run) => {
    const isDropped = hasBegun(run) && run[2] < before;
    if (isDropped) buffer.release(run[1]);
    return isDropped;
  });
}
