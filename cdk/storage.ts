import { Duration, Validations } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table, type Attribute } from "aws-cdk-lib/aws-dynamodb";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { jobTableKeys } from "../runtime/aws/job-table.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";
import type { GivenTable } from "./props.ts";
import { tablesOf, type PlannedTable } from "./plan-resources.ts";

export interface PipelineStorage {
  /** Commit logs and control rows. */
  readonly jobTable: Table;
  /** Bodies, parts, manifests, dead letters, and what Lambda gave up. */
  readonly bucket: Bucket;
  /** Result tables, by the names that the job uses. */
  readonly tables: Readonly<Record<string, GivenTable>>;
}

export function createStorage(
  scope: Construct,
  plan: Plan,
  settings: PipelineSettings,
): PipelineStorage {
  const created = new Construct(scope, "Tables");
  const tables = tablesOf(plan).map((table) => [
    table.name,
    settings.tables[table.name] ?? createResultTable(created, table, settings),
  ]);
  const jobTable = createTable(scope, "JobTable", {
    partitionKey: { name: jobTableKeys.partition, type: AttributeType.STRING },
    sortKey: { name: jobTableKeys.sort, type: AttributeType.STRING },
    settings,
  });
  return { jobTable, bucket: createBucket(scope, settings), tables: Object.fromEntries(tables) };
}

function createResultTable(
  scope: Construct,
  { name, keyFields }: PlannedTable,
  settings: PipelineSettings,
): Table {
  const numbers = settings.numberKeys[name] ?? [];
  const [partitionKey, sortKey] = keyFields.map((field) => ({
    name: field,
    type: numbers.includes(field) ? AttributeType.NUMBER : AttributeType.STRING,
  }));
  return createTable(scope, name, {
    partitionKey: partitionKey!,
    ...(sortKey && { sortKey }),
    settings,
  });
}

interface TableSettings {
  readonly partitionKey: Attribute;
  readonly sortKey?: Attribute;
  readonly settings: PipelineSettings;
}

function createTable(scope: Construct, id: string, { settings, ...keys }: TableSettings): Table {
  return new Table(scope, id, {
    ...keys,
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: settings.removalPolicy,
  });
}

function createBucket(scope: Construct, { removalPolicy }: PipelineSettings): Bucket {
  const bucket = new Bucket(scope, "Bucket", {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    encryption: BucketEncryption.S3_MANAGED,
    versioned: true,
    lifecycleRules: [
      {
        // The job deletes what it doesn't need; this is the time to undo a mistake.
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
