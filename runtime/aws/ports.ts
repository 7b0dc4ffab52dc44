import { filesInOwnBucket } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { awsClients, type AwsClients } from "./clients.ts";
import { dynamodbCommitLog } from "./dynamodb-commit-log.ts";
import { dynamodbControlTable } from "./dynamodb-control-table.ts";
import { dynamodbKeyedTable } from "./dynamodb-keyed-table.ts";
import { kinesisStreamReader } from "./kinesis-stream-reader.ts";
import { kinesisStreamWriter } from "./kinesis-stream-writer.ts";
import { s3ObjectStore } from "./s3-object-store.ts";

export interface AwsPortsOptions {
  /** Name of the job table (see job-table.ts). */
  readonly table: string;
  /** Name of the bucket of parts, manifests and bodies. */
  readonly bucket: string;
  /** Put before every object's key. Default: none. */
  readonly prefix?: string;
  /** Where finished files of sinks appear. Default: the job's bucket, below `_files/`: no job is called that. */
  readonly files?: FilesPlace;
  /** Name in AWS of a result table, by the name that the job gives it. Default: the same. */
  readonly tableName?: (table: string) => string;
  /** Name in AWS of a stream, or the ARN of one of another account, by the name that the job gives it. Default: the same. */
  readonly streamName?: (stream: string) => string;
  /** Time, randomness, compression, telemetry and memory. */
  readonly environment: Pick<
    Ports,
    "clock" | "random" | "compression" | "decompression" | "telemetry" | "heap"
  >;
  /** Default: made from the environment. */
  readonly clients?: AwsClients;
}

export interface FilesPlace {
  readonly bucket: string;
  /** Put before every file's name. */
  readonly prefix: string;
}

/** The ports of a job on AWS. Call it once per process and keep it: it holds connections and shard iterators. */
export function awsPorts(options: AwsPortsOptions): Ports {
  const { table, bucket, environment, clients = awsClients() } = options;
  const jobTable = { client: clients.dynamodb, table };
  const tableName = options.tableName && { tableName: options.tableName };
  const { clock, random } = environment;
  const stream = {
    client: clients.kinesis,
    ...(options.streamName && { streamName: options.streamName }),
  };
  return {
    ...environment,
    log: dynamodbCommitLog(jobTable),
    control: dynamodbControlTable(jobTable),
    tables: dynamodbKeyedTable({ client: clients.dynamodb, clock, random, ...tableName }),
    objects: s3ObjectStore({
      client: clients.s3,
      bucket,
      prefix: options.prefix ?? "",
      clock,
      random,
    }),
    files: s3ObjectStore({
      client: clients.s3,
      clock: environment.clock,
      random: environment.random,
      ...(options.files ?? { bucket, prefix: filesInOwnBucket }),
    }),
    reader: kinesisStreamReader({ ...stream, clock }),
    writer: kinesisStreamWriter(stream),
  };
}
