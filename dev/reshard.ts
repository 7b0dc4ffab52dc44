import type { ShardDescription, StreamAdmin } from "../runtime/embedded/stream-admin.ts";

/** Splits the widest open shards of a stream, or merges its narrowest neighbours, until it has so many of them. */
export async function reshardTo(admin: StreamAdmin, stream: string, count: number): Promise<void> {
  for (;;) {
    const open = (await admin.describe(stream)).shards
      .filter(({ closed }) => !closed)
      .toSorted((left, right) => (left.firstHash < right.firstHash ? -1 : 1));
    if (open.length === count || open.length === 0) return;
    if (open.length < count) {
      const widest = open.reduce((best, one) => (widthOf(one) > widthOf(best) ? one : best));
      await admin.split(stream, widest.shardId);
    } else {
      const pairs = open
        .slice(1)
        .map((right, at) => [open[at] as ShardDescription, right] as const);
      const [left, right] = pairs.reduce((best, pair) =>
        pairWidth(pair) < pairWidth(best) ? pair : best,
      );
      await admin.merge(stream, left.shardId, right.shardId);
    }
  }
}

function widthOf({ firstHash, lastHash }: ShardDescription): bigint {
  return BigInt(`0x${lastHash}`) - BigInt(`0x${firstHash}`);
}

function pairWidth([left, right]: readonly [ShardDescription, ShardDescription]): bigint {
  return widthOf(left) + widthOf(right);
}
