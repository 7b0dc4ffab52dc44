import { hash } from "node:crypto";
import type { PutEntry, Shard } from "../ports/streams.ts";
import { isOpen } from "./shard-layout.ts";
import { streamEnded } from "./stream-errors.ts";

/** What of a put goes to one shard: the places of its entries in the put, ascending. */
export interface RoutedEntries {
  readonly shardId: string;
  readonly indexes: readonly number[];
}

/** Divides a put among the open shards, by explicit hash or, as Kinesis does, by md5 of the partition key. */
export function routePut(
  stream: string,
  shards: readonly Shard[],
  entries: readonly PutEntry[],
): RoutedEntries[] {
  const open = shards.filter(isOpen).sort((a, b) => (a.firstHash < b.firstHash ? -1 : 1));
  if (open.length === 0) throw streamEnded(stream);
  // A single open shard has the whole hash space: no need to hash.
  if (open.length === 1) return [{ shardId: open[0]!.shardId, indexes: [...entries.keys()] }];
  const routed = new Map<string, number[]>();
  for (const [index, { partitionKey, explicitHash }] of entries.entries()) {
    const { shardId } = shardAt(open, explicitHash ?? hash("md5", partitionKey, "hex"));
    const indexes = routed.get(shardId);
    if (indexes === undefined) routed.set(shardId, [index]);
    else indexes.push(index);
  }
  return Array.from(routed, ([shardId, indexes]) => ({ shardId, indexes }));
}

/** The last of the shards, sorted by first position, that begins at or before a position. */
function shardAt(sorted: readonly Shard[], position: string): Shard {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sorted[middle]!.firstHash <= position) low = middle;
    else high = middle - 1;
  }
  return sorted[low]!;
}
