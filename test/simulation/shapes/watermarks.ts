import { positionOfPartitionKey, rangeContains } from "../../../runtime/serde/hash-space.ts";
import type { SourceShard } from "../shape.ts";
import type { Item } from "./item.ts";

/** Between which values a source slot's highest event time was when it came to an item. */
export interface Ahead {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Whether an item's event time counts for the watermark: not where user code of the source's slot fails on it. */
export type Counts = (item: Item) => boolean;

const nothing: Ahead = { minMs: Number.NEGATIVE_INFINITY, maxMs: Number.NEGATIVE_INFINITY };

/**
 * Walks through the shards of a source as its slots do: the highest event time rises from record to record, and a child
 * begins with the lowest of its parents', but for keys that were further. What was before a parent without items is not known for sure.
 */
export function aheadOf(
  shards: readonly SourceShard[],
  items: ReadonlyMap<string, Item>,
  counts: Counts,
): ReadonlyMap<string, Ahead> {
  const shardOf = new Map(shards.map((shard) => [shard.shardId, shard]));
  const ends = new Map<string, Ahead>();
  const ahead = new Map<string, Ahead>();

  /** protocol 5.1: the highest that any slot has been at which the key was in, before a shard. */
  function floorOf({ parents }: SourceShard, position: string): number {
    const own = parents
      .flatMap((id) => shardOf.get(id) ?? [])
      .filter(({ range }) => range === undefined || rangeContains(range, position));
    return Math.max(
      Number.NEGATIVE_INFINITY,
      ...own.map((parent) => Math.max(endOf(parent).maxMs, floorOf(parent, position))),
    );
  }

  function endOf(shard: SourceShard): Ahead {
    const known = ends.get(shard.shardId);
    if (known !== undefined) return known;
    const parents = shard.parents.flatMap((id) => shardOf.get(id) ?? []).map(endOf);
    let { minMs, maxMs } = inherited(parents);
    for (const { data } of shard.records) {
      const item = items.get(idIn(data) ?? "");
      if (item === undefined) continue;
      const floorMs =
        shard.parents.length === 0 ? maxMs : floorOf(shard, positionOfPartitionKey(item.from));
      ahead.set(item.id, { minMs, maxMs: Math.max(maxMs, floorMs) });
      if (!counts(item)) continue;
      maxMs = Math.max(maxMs, item.atMs);
      minMs = Math.max(minMs, item.atMs);
    }
    const end = { minMs, maxMs };
    ends.set(shard.shardId, end);
    return end;
  }

  for (const shard of shards) endOf(shard);
  return ahead;
}

function inherited(parents: readonly Ahead[]): Ahead {
  if (parents.length === 0) return nothing;
  const known = parents.map(({ maxMs }) => maxMs).filter(Number.isFinite);
  return {
    minMs: Math.min(...parents.map(({ minMs }) => minMs)),
    maxMs: known.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...known),
  };
}

const idPattern = /^\{"id":"([^"]+)"/;

/** Items begin with their id: no need to parse them. */
function idIn(data: Uint8Array): string | undefined {
  return idPattern.exec(
    Buffer.from(data.buffer, data.byteOffset, Math.min(60, data.byteLength)).toString("latin1"),
  )?.[1];
}
