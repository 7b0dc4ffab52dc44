import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import { setTimeout as wait } from "node:timers/promises";
import type { AwsClients } from "../../runtime/aws/clients.ts";

/** What an operator does to tables and streams; each resolves once the thing can be used again. */
export interface AwsAdmin {
  createTable(table: string, keys: readonly TableKey[]): Promise<string>;
  createStream(stream: string, shards: number): Promise<string>;
  /** Halves a shard. */
  split(stream: string, shardId: string): Promise<void>;
  merge(stream: string, shardA: string, shardB: string): Promise<void>;
}

export interface TableKey {
  readonly name: string;
  readonly type: "S" | "N" | "B";
}

/** Key schema of the job table. */
export const jobTableSchema: readonly TableKey[] = [
  { name: "pk", type: "S" },
  { name: "sk", type: "S" },
];

export function awsAdmin({ dynamodb, kinesis }: AwsClients): AwsAdmin {
  const untilActive = async (stream: string): Promise<void> => {
    const command = new DescribeStreamSummaryCommand({ StreamName: stream });
    for (;;) {
      const { StreamDescriptionSummary: summary } = await kinesis.send(command);
      if (summary!.StreamStatus === "ACTIVE") return;
      await wait(1);
    }
  };
  return {
    async createTable(table, keys) {
      await dynamodb.send(
        new CreateTableCommand({
          TableName: table,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: keys.map(({ name, type }) => ({
            AttributeName: name,
            AttributeType: type,
          })),
          KeySchema: keys.map(({ name }, index) => ({
            AttributeName: name,
            KeyType: index === 0 ? "HASH" : "RANGE",
          })),
        }),
      );
      return table;
    },
    async createStream(stream, shards) {
      await kinesis.send(new CreateStreamCommand({ StreamName: stream, ShardCount: shards }));
      await untilActive(stream);
      return stream;
    },
    async split(stream, shardId) {
      const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName: stream }));
      const range = Shards!.find((shard) => shard.ShardId === shardId)!.HashKeyRange!;
      const middle = (BigInt(range.StartingHashKey!) + BigInt(range.EndingHashKey!) + 1n) / 2n;
      await kinesis.send(
        new SplitShardCommand({
          StreamName: stream,
          ShardToSplit: shardId,
          NewStartingHashKey: String(middle),
        }),
      );
      await untilActive(stream);
    },
    async merge(stream, shardA, shardB) {
      await kinesis.send(
        new MergeShardsCommand({
          StreamName: stream,
          ShardToMerge: shardA,
          AdjacentShardToMerge: shardB,
        }),
      );
      await untilActive(stream);
    },
  };
}
