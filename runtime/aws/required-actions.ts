/** What the actions of an adapter are about: CDK grants them on exactly these resources. */
export type RequiredResource =
  | "job table"
  | "result tables"
  | "bucket"
  | "bucket objects"
  | "source and internal streams";

export interface RequiredActions {
  readonly adapter: string;
  readonly resource: RequiredResource;
  readonly actions: readonly string[];
}

/**
 * Every IAM action that each adapter calls, as data: the CDK derives the roles from it, and a test holds it against
 * the commands in the adapters' sources. Without `s3:ListBucket` S3 answers 403 instead of 404 for a missing key.
 * Streams, tables and buckets with a key of their own in KMS need `kms:Decrypt` and `kms:GenerateDataKey` on it.
 */
export const requiredActions: readonly RequiredActions[] = [
  {
    adapter: "dynamodb-commit-log",
    resource: "job table",
    actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
  },
  {
    adapter: "dynamodb-control-table",
    resource: "job table",
    actions: ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
  },
  {
    adapter: "dynamodb-keyed-table",
    resource: "result tables",
    actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"],
  },
  {
    adapter: "dynamodb-table-schemas",
    resource: "result tables",
    actions: ["dynamodb:DescribeTable"],
  },
  { adapter: "s3-object-store", resource: "bucket", actions: ["s3:ListBucket"] },
  {
    adapter: "s3-object-store",
    resource: "bucket objects",
    actions: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
  },
  {
    adapter: "kinesis-stream-reader",
    resource: "source and internal streams",
    actions: ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"],
  },
  {
    adapter: "kinesis-stream-writer",
    resource: "source and internal streams",
    actions: ["kinesis:PutRecords"],
  },
];
