import type { JobRuntime } from "../job/job-runtime.ts";
import type { SlotCheckpoint, SlotProgress } from "../job/progress.ts";
import { streamsOf } from "../job/slot-ref.ts";
import { covers, type HashRange, rangeWithout, tilesExactly } from "../serde/hash-space.ts";

/** A slot's complete share of an epoch. */
export interface Share {
  readonly row: SlotProgress;
  readonly checkpoint: SlotCheckpoint;
}

/**
 * The complete shares of an epoch, where they tile the hash space of every stream exactly; otherwise undefined (protocol
 * 6.4). Sealed slots count: what they had completed before the seal is their children's as well.
 */
export function sharesOf(
  { plan, names }: Pick<JobRuntime, "plan" | "names">,
  progress: readonly SlotProgress[],
  epoch: number,
): readonly Share[] | undefined {
  const shares = progress.flatMap((row): Share[] => {
    const { checkpoint } = row;
    return checkpoint?.epoch === epoch && checkpoint.complete ? [{ row, checkpoint }] : [];
  });
  const tiled = streamsOf(plan, names).every((stream) =>
    tilesExactly(shares.filter(({ row }) => row.stream === stream).map(({ row }) => row.range)),
  );
  return tiled ? shares : undefined;
}

/** Whether the shares of an epoch can still come to tile the hash space. */
export function canTile(
  { plan, names }: Pick<JobRuntime, "plan" | "names">,
  { progress }: { readonly progress: readonly SlotProgress[] },
  epoch: number,
): boolean {
  return streamsOf(plan, names).every((stream) => {
    const rows = progress.filter((row) => row.stream === stream);
    return covers(rows.flatMap((row) => rangesToShare(row, rows, epoch)));
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
