import type { JobRuntime } from "../job/job-runtime.ts";
import type { SlotCheckpoint, SlotProgress } from "../job/progress.ts";
import { feedsOf } from "../job/feeds.ts";
import type { Generation } from "../job/generation.ts";
import { covers, type HashRange, rangeWithout, tilesExactly } from "../serde/hash-space.ts";
import { hasEverySlot } from "./every-slot.ts";

/** A slot's complete share of an epoch. */
export interface Share {
  readonly row: SlotProgress;
  readonly checkpoint: SlotCheckpoint;
}

/** What a round has read. */
export interface SharesView {
  readonly progress: readonly SlotProgress[];
  readonly generation: Pick<Generation, "slots">;
}

/**
 * The complete shares of an epoch, where they account for all that feeds the job: those of each stream tile its hash space exactly,
 * and those of other sources are of each split that the generation began with. Otherwise undefined (protocol 6.4). Sealed slots count: what they had
 * completed before the seal is their children's as well.
 */
export function sharesOf(
  { plan, names }: Pick<JobRuntime, "plan" | "names">,
  { progress, generation }: SharesView,
  epoch: number,
): readonly Share[] | undefined {
  const shares = progress.flatMap((row): Share[] => {
    const { checkpoint } = row;
    return checkpoint?.epoch === epoch && checkpoint.complete ? [{ row, checkpoint }] : [];
  });
  const isWhole = feedsOf(plan, names).every(({ source, stream, dividesHashSpace }) => {
    const own = shares.filter(({ row }) => row.stream === stream).map(({ row }) => row);
    if (dividesHashSpace) return tilesExactly(own.map(({ range }) => range));
    return hasEverySlot(generation, source, own);
  });
  return isWhole ? shares : undefined;
}

/** Whether the shares of an epoch can still come to account for all that feeds the job. */
export function canComplete(
  { plan, names }: Pick<JobRuntime, "plan" | "names">,
  { progress }: Pick<SharesView, "progress">,
  epoch: number,
): boolean {
  return feedsOf(plan, names).every(({ stream, dividesHashSpace }) => {
    const rows = progress.filter((row) => row.stream === stream);
    const toShare = rows.map((row) => rangesToShare(row, rows, epoch));
    return dividesHashSpace ? covers(toShare.flat()) : toShare.every(({ length }) => length > 0);
  });
}

/** Where a slot has a share in an epoch, or may come to one. */
function rangesToShare(
  row: SlotProgress,
  rows: readonly SlotProgress[],
  epoch: number,
): readonly HashRange[] {
  const { checkpoint, cutEpoch, sealed, epoch: own, range, version } = row;
  if (checkpoint?.epoch === epoch && checkpoint.complete) return [range];
  if (!sealed) return own < epoch || cutEpoch === epoch ? [range] : [];
  if (own >= epoch) return [];
  // protocol 6.5: a sealed slot that had not cut stands for children that may still do. A child that there is stands for itself:
  // where it has the epoch from another parent, nobody will ever cut here.
  return rangeWithout(
    range,
    rows.flatMap((other) => (other.version > version ? [other.range] : [])),
  );
}
