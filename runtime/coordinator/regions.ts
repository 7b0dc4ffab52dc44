import type { Shard } from "../ports/index.ts";
import type { SlotProgress } from "../slot/progress.ts";

/** Who speaks for each part of a stream's hash space. */
export interface Regions {
  readonly slots: readonly SlotProgress[];
  /** A region has neither a slot nor an ancestor with one: nothing may be concluded (protocol 4.7). */
  readonly complete: boolean;
}

/**
 * The slots that speak for a stream: every unsealed slot, and for a shard that has no slot yet its nearest ancestors that
 * have one, sealed or not.
 */
export function regionsOf(shards: readonly Shard[], progress: readonly SlotProgress[]): Regions {
  const rows = new Map(progress.map((row) => [row.shardId, row]));
  const shardById = new Map(shards.map((shard) => [shard.shardId, shard]));
  const speaking = new Set<SlotProgress>();
  let complete = shards.length > 0;

  function climb(shard: Shard | undefined): void {
    const parents = shard?.parents ?? [];
    if (parents.length === 0) complete = false;
    for (const parent of parents) {
      const row = rows.get(parent);
      if (row === undefined) climb(shardById.get(parent));
      else speaking.add(row);
    }
  }

  for (const row of progress) if (!row.sealed) speaking.add(row);
  for (const shard of shards) if (!rows.has(shard.shardId)) climb(shard);
  return { slots: [...speaking], complete: complete && speaking.size > 0 };
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
