import type { Shard } from "../ports/index.ts";
import { covers } from "../serde/hash-space.ts";
import type { SlotProgress } from "../job/progress.ts";

/** Who speaks for each part of a stream's hash space. */
export interface Regions {
  readonly slots: readonly SlotProgress[];
  /** A region has neither a slot nor an ancestor with one: nothing may be concluded (protocol 4.7). */
  readonly complete: boolean;
}

/**
 * The slots that speak for a stream: every unsealed slot, and for a shard that has no slot yet its nearest ancestors that
 * have one, sealed or not. Shards of another life of the job have neither (protocol 5.4).
 */
export function regionsOf(shards: readonly Shard[], progress: readonly SlotProgress[]): Regions {
  const rows = new Map(progress.map((row) => [row.shardId, row]));
  const speaking = new Set(progress.filter(({ sealed }) => !sealed));
  for (const shard of shards) {
    if (rows.has(shard.shardId)) continue;
    for (const ancestor of nearestSlots(shard, shards, rows)) speaking.add(ancestor);
  }
  const slots = [...speaking];
  return { slots, complete: covers(slots.map(({ range }) => range)) };
}

/** The nearest ancestors of a shard that have a slot, each once; none for a shard of another life of the job. */
export function nearestSlots(
  shard: Shard,
  shards: readonly Shard[],
  rows: ReadonlyMap<string, SlotProgress>,
): readonly SlotProgress[] {
  const nearest: SlotProgress[] = [];
  // Ways through splits and merges meet again: what was seen is not followed a second time. It grows while it is walked through.
  const ancestors = new Set(shard.parents);
  for (const shardId of ancestors) {
    const row = rows.get(shardId);
    if (row !== undefined) nearest.push(row);
    else
      for (const parentId of shards.find((one) => one.shardId === shardId)?.parents ?? [])
        ancestors.add(parentId);
  }
  return nearest;
}

/**
 * Whether a list of shards is too old for these rows: a slot that it does not name, or a sealed one whose children it does not
 * name. A seal comes after the children, so a list that is read now has them.
 */
export function isStale(shards: readonly Shard[], progress: readonly SlotProgress[]): boolean {
  const listed = new Set(shards.map(({ shardId }) => shardId));
  const withChildren = new Set(shards.flatMap(({ parents }) => parents));
  return progress.some(({ shardId, sealed }) =>
    sealed ? listed.has(shardId) && !withChildren.has(shardId) : !listed.has(shardId),
  );
}
