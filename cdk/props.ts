import type { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IAlarmAction } from "aws-cdk-lib/aws-cloudwatch";
import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import type { IManagedPolicy } from "aws-cdk-lib/aws-iam";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { LogLevel } from "../runtime/aws/emf-telemetry.ts";

/** Only `entry` has no default. Names of streams and tables are those that the job uses. */
export interface MillracePipelineProps {
  /** File whose default export is the job; relative to the folder that the CDK app runs in, or absolute. */
  readonly entry: string;
  /** One for each account and region: metrics carry it, and `fromPipelineName` finds it. Default: the job's name. */
  readonly pipelineName?: string;

  /** Streams that exist already, by the name that the job's sources use. Default: each source's stream is created. */
  readonly sources?: Readonly<Record<string, GivenStream>>;
  /** Streams that exist already, by the name that the job's Kinesis sinks use. Default: created. */
  readonly sinkStreams?: Readonly<Record<string, GivenStream>>;
  /** Result tables that exist already, by the name that the job's sinks use. Default: created. */
  readonly tables?: Readonly<Record<string, GivenTable>>;
  /**
   * Key attributes of created result tables that are numbers, by table: `{ delays: ["startMs"] }`; the others are strings. Needed
   * only for sinks that don't declare the types of their keys. Default: what the sinks declare.
   */
  readonly numberKeys?: Readonly<Record<string, readonly string[]>>;

  /**
   * A bucket that exists already, for what the job keeps; several jobs may share one. It must have no rule that deletes current objects. Default: one is made.
   */
  readonly bucket?: JobBucket;
  /** A table that exists already, for logs and control rows: partition key `pk`, sort key `sk`, both strings; several jobs may share one. Default: one is made. */
  readonly jobTable?: GivenTable;
  /** Where the folders of files are that the job reads and writes. Default: below `_files/` in the bucket of the pipeline. */
  readonly files?: GivenFiles;

  /** Records in a batch at most, 1 to 10,000. A batch has 6 MB at most in any case. Default: 1,000. */
  readonly batchSize?: number;
  /** How long a batch is gathered, 0 to 300 s: longer is cheaper, and later. Default: 1 s. */
  readonly batchWindow?: Duration;
  /**
   * Lambda gets every stream by a consumer of its own: sooner, and beside up to 20 other readers; AWS asks for each
   * consumer, shard and GB. Decide before the first deployment where a source starts from "latest". Default: false.
   */
  readonly enhancedFanOut?: boolean;
  /** Memory of the process function in MiB, 128 to 10,240; CPU grows with it. Default: 1,769, which is one vCPU. */
  readonly memoryMiB?: number;
  /** Time for one batch, at most 900 s. Default: 120 s. */
  readonly timeout?: Duration;
  /**
   * Environments of the process function at most, taken from the account's limit; four more are reserved for the coordinator. Two for each
   * shard are enough: its mapping's, and one for a reshard or a call of the coordinator. A new account may have ten in all,
   * which can't be reserved. Default: `"none"`, all functions of the account share its limit.
   */
  readonly reservedConcurrency?: number | "none";
  /**
   * Network of both functions; it must lead to Kinesis, DynamoDB, S3 and Lambda (docs/deployment.md lists the endpoints).
   * Default: none, functions run in Lambda's own.
   */
  readonly vpc?: GivenVpc;
  /** Default: the private subnets of `vpc`. */
  readonly vpcSubnets?: SubnetSelection;
  /** Default: one is made that lets both functions call port 443, and nobody call them. */
  readonly securityGroups?: readonly ISecurityGroup[];
  /** Least level of the job's log lines; metrics and alarms are written in any case. Default: `"info"`. */
  readonly logLevel?: LogLevel;
  /** Whether X-Ray traces both functions' invocations; each trace costs a little. Default: false. */
  readonly tracing?: boolean;
  /** More environment variables for both functions. Names that begin with MILLRACE_ are taken. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;

  /** Shards of the stream between the job's stages. Default: 1. */
  readonly exchangeShards?: number;
  /** Shards of each created source or sink stream. Default: 1. */
  readonly streamShards?: number;
  /**
   * How long created source and sink streams keep records, 24 to 8,760 hours: after a longer outage data is lost. Beyond 24 hours
   * AWS asks more for each shard. Default: 72 hours, a weekend.
   */
  readonly streamRetention?: Duration;
  /** The same of the stream between the job's stages. Default: 72 hours. */
  readonly exchangeRetention?: Duration;

  /**
   * `"by-shards"` has AWS prepare tables for what the stack's shards may write at once, 1,000 rows a second for each, up to 40,000
   * (an account's quota for a table): it costs once. Default: `"none"`, tables bear 4,000 writes a second at first, and grow with their load.
   */
  readonly warmThroughput?: "by-shards" | "none";
  /**
   * Encrypts everything that the construct makes: streams, tables, bucket, logs and the functions' variables; the functions' roles may use this key and no
   * other. Decide before the first deployment. Default: keys that AWS keeps, which cost nothing.
   */
  readonly encryptionKey?: IKey;
  /**
   * Keys in KMS of streams and tables that are given by name: a name doesn't tell that there is one. Default: none; those of
   * constructs are found.
   */
  readonly encryptionKeys?: readonly IKey[];

  /** How long dead letters are kept, at least a day, counted from the first collection of garbage that sees them. Default: for ever. */
  readonly deadLetterRetention?: Duration;
  /** How long log events are kept. Default: one month. */
  readonly logRetention?: RetentionDays;
  /**
   * What becomes of streams, tables, bucket and logs that leave the stack. Default: RETAIN_ON_UPDATE_OR_DELETE, they are kept, but for
   * those of a first deployment that is rolled back.
   */
  readonly removalPolicy?: RemovalPolicy;
  /** Whether AWS refuses to delete tables and log groups, whoever asks, until this is taken back. Default: false. */
  readonly deletionProtection?: boolean;
  /** Bounds all roles that the construct makes. Default: none. */
  readonly permissionsBoundary?: IManagedPolicy;

  /** Whether there are alarms; each costs a little. Default: true. */
  readonly alarms?: boolean;
  /** What alarms do when they go off, and when they are over. Default: nothing; the synthesis warns that nobody is told. */
  readonly alarmActions?: readonly IAlarmAction[];
  /** Age of a record in a batch that is too old for the job. Default: 5 minutes, or twice `batchWindow` where that is more. */
  readonly iteratorAgeMax?: Duration;
  /** So far behind the clock the slowest watermark is too late; old data that is read again is as late as it is old. Default: 6 hours. */
  readonly watermarkLagMax?: Duration;
  /** So many elements a minute that are late for all of their windows are too many, at least 1. Default: 1. */
  readonly lateElementsMax?: number;
  /** Whether there is a dashboard. Default: true. */
  readonly dashboard?: boolean;
  /**
   * Whether CloudWatch is told each minute what functions of the job count and measure (docs/metrics.md), by operator: AWS asks for each metric. Default:
   * false; the API shows them in any case.
   */
  readonly userMetrics?: boolean;
  /**
   * Whether the API of docs/api.md stands in front of the job, each request signed by somebody who may: `true` for what reads, `{ writes: true }` for
   * what changes something as well. `millrace console` uses it. Default: false.
   */
  readonly api?: boolean | ApiOptions;

  /**
   * File with the plan of what is deployed (`millrace explain <job.ts> --json`), or a manifest of it: where the job can't
   * go on from its state, the synthesis fails. Default: nothing is compared.
   */
  readonly stateOf?: string;
  /** As of `millrace restore`: saved state that the job has no place for may be left behind. Default: false. */
  readonly allowNonRestoredState?: boolean;
}

export interface ApiOptions {
  /** Whether savepoints, stops and replays can be asked for, of a function and with a permission of their own. Default: false. */
  readonly writes?: boolean;
}

/** A stream, the name of one in the stack's account and region, or an ARN; a token is taken for an ARN. */
export type GivenStream = IStream | string;

/** An `IVpc`, but for compilers that tell "absent" from "undefined". */
export type GivenVpc = Omit<IVpc, "vpnGatewayId"> & { readonly vpnGatewayId?: string | undefined };

/** An `IBucket`, in the same way. */
export type JobBucket = Omit<IBucket, "isWebsite"> & { readonly isWebsite?: boolean | undefined };

/** A `Table`, a `TableV2` or an imported one, the name of one in the stack's account and region, or an ARN. */
export type GivenTable = ResultTable | string;

export interface GivenFiles {
  readonly bucket: FilesBucket;
  /** Put before the name of each folder, for example `results/`. Default: nothing. */
  readonly prefix?: string;
}

/** What the construct needs of a bucket: a `Bucket`, or an imported one. */
export interface FilesBucket {
  readonly bucketName: string;
  readonly bucketArn: string;
  readonly arnForObjects: (keyPattern: string) => string;
}

/** What the construct needs of a table. An `ITable`, but for compilers that tell "absent" from "undefined". */
export interface ResultTable {
  readonly tableName: string;
  readonly tableArn: string;
  readonly encryptionKey?: IKey | undefined;
}
