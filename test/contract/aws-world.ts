import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import dynalite from "dynalite";
import kinesalite from "kinesalite";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { awsClients, closeClients, type AwsClients } from "../../runtime/aws/clients.ts";
import { s3Server, type S3Server } from "./s3-server.ts";

/** The emulators that run in this process, and clients that speak to them. */
export interface AwsWorld {
  readonly clients: AwsClients;
  readonly s3: S3Server;
  /** What leads the AWS SDK of another process here. */
  readonly variables: Readonly<Record<string, string>>;
  createTable(table: string, keys: readonly TableKey[]): Promise<string>;
  createStream(stream: string, shards: number): Promise<string>;
  /** Halves a shard; resolves once the stream can be used again. */
  split(stream: string, shardId: string): Promise<void>;
  merge(stream: string, shardA: string, shardB: string): Promise<void>;
  close(): Promise<void>;
}

export interface TableKey {
  readonly name: string;
  readonly type: "S" | "N";
}

export async function awsWorld(options: { readonly pageKeysMax?: number } = {}): Promise<AwsWorld> {
  const s3 = s3Server(options);
  const servers = [
    dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }),
    kinesalite({ createStreamMs: 1, deleteStreamMs: 1, updateStreamMs: 1, shardLimit: 1_000 }),
    s3.server,
  ] as const;
  const [dynamodb, kinesis, objects] = await Promise.all(servers.map(listening));
  const clients = awsClients({
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    endpoints: { dynamodb: dynamodb!, kinesis: kinesis!, s3: objects! },
    maxAttempts: 2,
  });
  const untilActive = async (stream: string) => {
    const command = new DescribeStreamSummaryCommand({ StreamName: stream });
    let status: string | undefined;
    while (status !== "ACTIVE") {
      status = (await clients.kinesis.send(command)).StreamDescriptionSummary!.StreamStatus;
    }
  };
  return {
    clients,
    s3,
    variables: {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb!,
      AWS_ENDPOINT_URL_KINESIS: kinesis!,
      AWS_ENDPOINT_URL_S3: objects!,
    },
    async createTable(table, keys) {
      await clients.dynamodb.send(
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
      await clients.kinesis.send(
        new CreateStreamCommand({ StreamName: stream, ShardCount: shards }),
      );
      await untilActive(stream);
      return stream;
    },
    async split(stream, shardId) {
      const { Shards } = await clients.kinesis.send(new ListShardsCommand({ StreamName: stream }));
      const range = Shards!.find((shard) => shard.ShardId === shardId)!.HashKeyRange!;
      const middle = (BigInt(range.StartingHashKey!) + BigInt(range.EndingHashKey!) + 1n) / 2n;
      await clients.kinesis.send(
        new SplitShardCommand({
          StreamName: stream,
          ShardToSplit: shardId,
          NewStartingHashKey: String(middle),
        }),
      );
      await untilActive(stream);
    },
    async merge(stream, shardA, shardB) {
      await clients.kinesis.send(
        new MergeShardsCommand({
          StreamName: stream,
          ShardToMerge: shardA,
          AdjacentShardToMerge: shardB,
        }),
      );
      await untilActive(stream);
    },
    async close() {
      closeClients(clients);
      await Promise.all(servers.map(closed));
    },
  };
}

/** Key schema of the job table. */
export const jobTableSchema: readonly TableKey[] = [
  { name: "pk", type: "S" },
  { name: "sk", type: "S" },
];

function listening(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
