import {
  ListShardsCommand,
  type GetRecordsCommandOutput,
  type KinesisClient,
  type _Record,
  type Shard as KinesisShard,
} from "@aws-sdk/client-kinesis";
import type { Clock } from "../ports/environment.ts";
import type {
  ReadRequest,
  ReadResult,
  Shard,
  StreamPosition,
  StreamReader,
  StreamRecord,
} from "../ports/streams.ts";
import { calling } from "./aws-errors.ts";
import { hexOfDecimal } from "./hash-position.ts";
import { getRecords, isEmptyTip, keepIterator } from "./kinesis-get-records.ts";
import { iteratorCache } from "./kinesis-iterators.ts";
import { readPace } from "./read-pace.ts";
import { identityOf } from "./stream-identity.ts";

export interface KinesisReaderOptions {
  readonly client: KinesisClient;
  /** Paces the reads of each shard. */
  readonly clock: Clock;
  /** The stream's name in AWS, or the ARN of one of another account, by the name that the job gives it. Default: the same. */
  readonly streamName?: (stream: string) => string;
}

/**
 * Reads with GetRecords: five reads and 2 MB a second for each shard, whoever reads; 10 MB at most in one. This process keeps
 * to the five by itself, so that a shard which answers hundreds of empty pages is read on without being refused.
 * A position that is `latest` moves on only in the process that read from it: elsewhere it is the tip of that moment.
 */
export function kinesisStreamReader(options: KinesisReaderOptions): StreamReader {
  const { client, clock, streamName = (stream: string) => stream } = options;
  const iterators = iteratorCache();
  const pace = readPace(clock);
  return {
    listShards: (stream) => listShards(client, streamName(stream)),

    async read(request) {
      const place = {
        stream: streamName(request.stream),
        shardId: request.shardId,
        from: request.from,
      };
      const { maxRecords } = request;
      const page = await getRecords({ client, iterators, pace, place, maxRecords });
      const result = resultOf(request, page);
      keepIterator(iterators, { ...place, from: result.next }, page);
      return result;
    },
  };
}

async function listShards(client: KinesisClient, stream: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let after: string | undefined;
  do {
    // A page's token carries the stream; Kinesis refuses both together.
    const command = new ListShardsCommand(
      after === undefined ? identityOf(stream) : { NextToken: after },
    );
    const about = { resource: `stream "${stream}"`, action: "kinesis:ListShards" };
    const page = await calling(about, () => client.send(command));
    shards.push(...(page.Shards ?? []).map(shardOf));
    after = page.NextToken;
  } while (after !== undefined);
  return shards.sort((a, b) => (a.shardId < b.shardId ? -1 : 1));
}

function resultOf(request: ReadRequest, page: GetRecordsCommandOutput): ReadResult {
  const records = (page.Records ?? []).map(recordOf);
  const ended = !page.NextShardIterator;
  const last = records.at(-1);
  const next: StreamPosition =
    last === undefined ? request.from : { kind: "after", sequence: last.sequence };
  const atTip = ended || isEmptyTip(page);
  const children = page.ChildShards?.flatMap(({ ShardId }) => ShardId ?? []);
  return { records, atTip, ended, ...(ended && children && { children }), next };
}

function recordOf(record: _Record): StreamRecord {
  return {
    sequence: record.SequenceNumber!,
    partitionKey: record.PartitionKey!,
    data: record.Data!,
    arrivalMs: record.ApproximateArrivalTimestamp!.getTime(),
  };
}

function shardOf(shard: KinesisShard): Shard {
  return {
    shardId: shard.ShardId!,
    firstHash: hexOfDecimal(shard.HashKeyRange!.StartingHashKey!),
    lastHash: hexOfDecimal(shard.HashKeyRange!.EndingHashKey!),
    parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter(
      (parent) => parent !== undefined,
    ),
    closed: shard.SequenceNumberRange!.EndingSequenceNumber !== undefined,
  };
}
