import { Duration, Validations } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table, type Attribute } from "aws-cdk-lib/aws-dynamodb";
import { BlockPublicAccess, Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { jobTableKeys } from "../runtime/aws/job-table.ts";
import { filesInOwnBucket } from "../runtime/layout/names.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { encryptedBucket, encryptedTable } from "./encryption.ts";
import { checkJobBucket } from "./job-bucket.ts";
import { checkJobTable, keyOf } from "./key-types.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";
import type { GivenFiles, GivenTable, JobBucket, ResultTable } from "./props.ts";
import { sinkFoldersOf, sourceFoldersOf, tablesOf, type PlannedTable } from "./plan-resources.ts";
import { arnOf } from "./streams.ts";
import { resultWrites, jobTableLoad, warmThroughput, type TableLoad } from "./warm-throughput.ts";

export interface PipelineStorage {
  /** Commit logs and control rows. */
  readonly jobTable: ResultTable;
  /** Bodies, parts, manifests, dead letters, and what Lambda gave up. */
  readonly bucket: JobBucket;
  /** Result tables, by the names that the job uses. */
  readonly tables: Readonly<Record<string, ResultTable>>;
  /** Where files are; absent for a job that neither reads nor writes any. */
  readonly files?: PipelineFiles;
}

export interface PipelineFiles extends Required<GivenFiles> {
  /** Names of folders. */
  readonly read: readonly string[];
  readonly written: readonly string[];
}

export function createStorage(
  scope: Construct,
  plan: Plan,
  settings: PipelineSettings,
): PipelineStorage {
  const created = new Construct(scope, "Tables");
  const imported = new Construct(scope, "GivenTables");
  const tables = tablesOf(plan).map((table): [string, ResultTable] => {
    const { [table.name]: given } = settings.tables;
    if (given !== undefined) return [table.name, tableOf(imported, table.name, given)];
    const load = { reads: 0, writes: resultWrites(plan, table.name, settings) };
    return [table.name, createResultTable(created, table, { settings, load })];
  });
  const jobTable = jobTableOf(scope, plan, settings);
  const bucket = settings.bucket ?? createBucket(scope, settings);
  if (settings.bucket !== undefined) checkJobBucket(settings.bucket, plan.job);
  const storage = { jobTable, bucket, tables: Object.fromEntries(tables) };
  const [read, written] = [sourceFoldersOf(plan), sinkFoldersOf(plan)];
  if (read.length + written.length === 0) return storage;
  const { files = { bucket, prefix: filesInOwnBucket } } = settings;
  return { ...storage, files: { prefix: "", ...files, read, written } };
}

function jobTableOf(scope: Construct, plan: Plan, settings: PipelineSettings): ResultTable {
  const { jobTable: given } = settings;
  if (given !== undefined) {
    checkJobTable(given);
    return tableOf(scope, "JobTable", given);
  }
  return createTable(scope, "JobTable", {
    partitionKey: { name: jobTableKeys.partition, type: AttributeType.STRING },
    sortKey: { name: jobTableKeys.sort, type: AttributeType.STRING },
    settings,
    load: jobTableLoad(plan, settings),
  });
}

function tableOf(scope: Construct, name: string, given: GivenTable): ResultTable {
  if (typeof given !== "string") return given;
  return Table.fromTableArn(
    scope,
    name,
    arnOf(scope, given, { service: "dynamodb", resource: "table" }),
  );
}

function createResultTable(
  scope: Construct,
  table: PlannedTable,
  { settings, load }: Pick<TableSettings, "settings" | "load">,
): Table {
  const key = keyOf(table, settings.numberKeys[table.name]);
  const [partitionKey, sortKey] = key.map(({ name, type }) => ({
    name,
    type: type === "number" ? AttributeType.NUMBER : AttributeType.STRING,
  }));
  return createTable(scope, table.name, {
    partitionKey: partitionKey!,
    ...(sortKey && { sortKey }),
    settings,
    load,
  });
}

interface TableSettings {
  readonly partitionKey: Attribute;
  readonly sortKey?: Attribute;
  readonly settings: PipelineSettings;
  readonly load: TableLoad;
}

function createTable(
  scope: Construct,
  id: string,
  { settings, load, ...keys }: TableSettings,
): Table {
  return new Table(scope, id, {
    ...keys,
    ...warmThroughput(load, settings.warmThroughput),
    ...encryptedTable(settings.encryptionKey),
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: settings.removalPolicy,
    ...(settings.deletionProtection && { deletionProtection: true }),
  });
}

function createBucket(
  scope: Construct,
  { removalPolicy, encryptionKey }: PipelineSettings,
): Bucket {
  const bucket = new Bucket(scope, "Bucket", {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    ...encryptedBucket(encryptionKey),
    versioned: true,
    lifecycleRules: [
      {
        // No rule is about current objects: the job deletes what it doesn't need (protocol 6.8), by reference and never by
        // age. This is the time to undo a mistake.
        noncurrentVersionExpiration: Duration.days(30),
        expiredObjectDeleteMarker: true,
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    removalPolicy,
  });
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions-S1",
    reason: "Only the job's two functions use this bucket; CloudTrail data events record access.",
  });
  return bucket;
}
