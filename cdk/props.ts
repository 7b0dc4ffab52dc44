import type { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";

/** Only `entry` has no default. Names of streams and tables are those that the job uses. */
export interface MillracePipelineProps {
  /** File whose default export is the job; relative to the folder that the CDK app runs in, or absolute. */
  readonly entry: string;

  /** Streams that exist already, by the name that the job's sources use. Default: each source's stream is created. */
  readonly sources?: Readonly<Record<string, IStream>>;
  /** Streams that exist already, by the name that the job's Kinesis sinks use. Default: created. */
  readonly sinkStreams?: Readonly<Record<string, IStream>>;
  /** Result tables that exist already, by the name that the job's sinks use. Default: created. */
  readonly tables?: Readonly<Record<string, GivenTable>>;
  /** Key attributes of created result tables that are numbers, by table: `{ delays: ["startMs"] }`. Default: all are strings. */
  readonly numberKeys?: Readonly<Record<string, readonly string[]>>;

  /** Records in a batch at most, 1 to 10,000. A batch has 6 MB at most in any case. Default: 1,000. */
  readonly batchSize?: number;
  /** How long a batch is gathered, 0 to 300 s: longer is cheaper, and later. Default: 1 s. */
  readonly batchWindow?: Duration;
  /** Memory of the process function in MiB, 128 to 10,240; CPU grows with it. Default: 1,769, which is one vCPU. */
  readonly memoryMiB?: number;
  /** Time for one batch, at most 900 s. Default: 120 s. */
  readonly timeout?: Duration;
  /** Environments of the process function at most; at least the number of all shards. Default: the account's limit. */
  readonly reservedConcurrency?: number;
  /** More environment variables for both functions. Names that begin with MILLRACE_ are taken. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;

  /** Shards of the stream between the job's stages. Default: 1. */
  readonly exchangeShards?: number;
  /** Shards of each created source or sink stream. Default: 1. */
  readonly streamShards?: number;
  /**
   * How long created streams keep records, 24 to 8,760 hours: after a longer outage data is lost. Beyond 24 hours
   * AWS asks more for each shard. Default: 24 hours.
   */
  readonly streamRetention?: Duration;

  /** How long log events are kept. Default: one month. */
  readonly logRetention?: RetentionDays;
  /** What becomes of streams, tables, bucket and logs that leave the stack. Default: RETAIN. */
  readonly removalPolicy?: RemovalPolicy;
}

/** What the construct needs of a table: a `Table`, a `TableV2` or an imported one. */
export interface GivenTable {
  readonly tableName: string;
  readonly tableArn: string;
  readonly encryptionKey?: IKey | undefined;
}
