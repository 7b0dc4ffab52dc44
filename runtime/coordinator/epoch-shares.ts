import type { JobRuntime } from "../slot/job-runtime.ts";
import type { SlotCheckpoint, SlotProgress } from "../slot/progress.ts";
import { streamsOf } from "../slot/slot-ref.ts";
import { covers, tilesExactly } from "../serde/hash-space.ts";

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
  const candidates = progress.filter(({ checkpoint, cutEpoch, sealed, epoch: own }) => {
    // A sealed slot that had not cut stands for children that may still do.
    if (own < epoch || (checkpoint?.epoch === epoch && checkpoint.complete)) return true;
    return !sealed && cutEpoch === epoch;
  });
  return streamsOf(plan, names).every((stream) =>
    covers(candidates.filter((row) => row.stream === stream).map((row) => row.range)),
  );
}
