import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  type Shard,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import { setTimeout as wait } from "node:timers/promises";

/** An account may describe streams twenty times a second in all. */
const askAgainMs = { first: 250, max: 5_000 };

/** Halves the open shard with the largest range; resolves when the stream can be used again. */
export async function splitLargest(client: KinesisClient, stream: string): Promise<string> {
  const open = await openShards(client, stream);
  const largest = open.reduce((left, right) => (width(right) > width(left) ? right : left));
  const middle = largest.from + width(largest) / 2n;
  await client.send(
    new SplitShardCommand({
      StreamName: stream,
      ShardToSplit: largest.shardId,
      NewStartingHashKey: String(middle),
    }),
  );
  await untilActive(client, stream);
  return largest.shardId;
}

/** Merges the two neighbours that together have the smallest range. */
export async function mergeSmallest(client: KinesisClient, stream: string): Promise<string> {
  const open = await openShards(client, stream);
  const pairs = open.slice(1).map((right, index) => ({ left: open[index]!, right }));
  const both = ({ left, right }: (typeof pairs)[number]): bigint => width(left) + width(right);
  const [first, ...others] = pairs;
  if (first === undefined) throw new Error(`Stream ${stream} has one shard: nothing to merge.`);
  const { left, right } = others.reduce((a, b) => (both(b) < both(a) ? b : a), first);
  await client.send(
    new MergeShardsCommand({
      StreamName: stream,
      ShardToMerge: left.shardId,
      AdjacentShardToMerge: right.shardId,
    }),
  );
  await untilActive(client, stream);
  return `${left.shardId} and ${right.shardId}`;
}

interface OpenShard {
  readonly shardId: string;
  readonly from: bigint;
  /** Inclusive. */
  readonly to: bigint;
}

const width = ({ from, to }: OpenShard): bigint => to - from + 1n;

/** In the order of their ranges. */
async function openShards(client: KinesisClient, stream: string): Promise<readonly OpenShard[]> {
  const shards: Shard[] = [];
  let NextToken: string | undefined;
  do {
    const place = NextToken === undefined ? { StreamName: stream } : { NextToken };
    const answer = await client.send(new ListShardsCommand(place));
    shards.push(...(answer.Shards ?? []));
    ({ NextToken } = answer);
  } while (NextToken !== undefined);
  return shards
    .filter((shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined)
    .map(({ ShardId, HashKeyRange }) => ({
      shardId: ShardId!,
      from: BigInt(HashKeyRange!.StartingHashKey!),
      to: BigInt(HashKeyRange!.EndingHashKey!),
    }))
    .toSorted((left, right) => (left.from < right.from ? -1 : 1));
}

async function untilActive(client: KinesisClient, stream: string): Promise<void> {
  for (let waitMs = askAgainMs.first; ; waitMs = Math.min(2 * waitMs, askAgainMs.max)) {
    const command = new DescribeStreamSummaryCommand({ StreamName: stream });
    const { StreamDescriptionSummary: summary } = await client.send(command);
    if (summary?.StreamStatus === "ACTIVE") return;
    await wait(waitMs);
  }
}
