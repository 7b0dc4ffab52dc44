import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { requiredActions } from "../runtime/aws/required-actions.ts";
import type { GivenTable } from "./props.ts";
import type { PipelineStorage } from "./storage.ts";
import type { PipelineStreams } from "./streams.ts";

/** What Lambda itself calls, with the function's role, to poll a stream (AWS Lambda developer guide, "Kinesis"). */
const pollingActions = [
  "kinesis:DescribeStream",
  "kinesis:DescribeStreamSummary",
  "kinesis:GetRecords",
  "kinesis:GetShardIterator",
  "kinesis:ListShards",
  "kinesis:SubscribeToShard",
];

/** Results are scanned by tools, with the rights of whoever runs them; the job itself never does. */
const toolActions = ["dynamodb:Scan"];

export function processStatements(
  { exchange, sources, sinks }: PipelineStreams,
  { jobTable, bucket, tables }: PipelineStorage,
): readonly PolicyStatement[] {
  const read = [exchange, ...Object.values(sources)];
  const written = [exchange, ...Object.values(sinks)];
  const results = Object.values(tables);
  return [
    allow("ReadStreams", {
      actions: [...actionsOf("kinesis-stream-reader"), ...pollingActions],
      arns: read.map(streamArn),
    }),
    allow("WriteStreams", {
      actions: actionsOf("kinesis-stream-writer"),
      arns: written.map(streamArn),
    }),
    allow("JobTable", {
      actions: [...actionsOf("dynamodb-commit-log"), ...actionsOf("dynamodb-control-table")],
      arns: [jobTable.tableArn],
    }),
    allow("ResultTables", {
      actions: actionsOf("dynamodb-keyed-table").filter((action) => !toolActions.includes(action)),
      arns: results.map(({ tableArn }) => tableArn),
    }),
    allow("Bucket", { actions: actionsOf("s3-object-store", "bucket"), arns: [bucket.bucketArn] }),
    allow("Objects", {
      actions: actionsOf("s3-object-store", "bucket objects"),
      arns: [bucket.arnForObjects("*")],
    }),
    useKeysOf([...read, ...written, ...results]),
  ].flat();
}

export function coordinatorStatements(
  { exchange, sources }: PipelineStreams,
  { jobTable }: PipelineStorage,
  process: IFunction,
): readonly PolicyStatement[] {
  return [
    allow("ControlRows", {
      actions: actionsOf("dynamodb-control-table"),
      arns: [jobTable.tableArn],
    }),
    allow("ListShards", {
      actions: ["kinesis:ListShards"],
      arns: [exchange, ...Object.values(sources)].map(streamArn),
    }),
    allow("PutTicks", { actions: actionsOf("kinesis-stream-writer"), arns: [exchange.streamArn] }),
    allow("InvokeSlots", { actions: ["lambda:InvokeFunction"], arns: [process.functionArn] }),
    // AWS lets this action be granted on everything only.
    allow("CheckMappings", { actions: ["lambda:ListEventSourceMappings"], arns: ["*"] }),
    useKeysOf([exchange, ...Object.values(sources), jobTable]),
  ].flat();
}

/** What the AWS adapters say that they call. */
function actionsOf(adapter: string, resource?: string): readonly string[] {
  return requiredActions
    .filter(
      (needed) => needed.adapter === adapter && (resource ?? needed.resource) === needed.resource,
    )
    .flatMap(({ actions }) => actions);
}

interface Grant {
  readonly actions: readonly string[];
  readonly arns: readonly string[];
}

/** No statement where there is nothing to grant it on: IAM refuses an empty list. */
function allow(sid: string, { actions, arns }: Grant): readonly PolicyStatement[] {
  if (arns.length === 0) return [];
  return [new PolicyStatement({ sid, actions: distinct(actions), resources: distinct(arns) })];
}

/** Streams and tables that were given may be encrypted with a key of the user's. */
function useKeysOf(encrypted: readonly (IStream | GivenTable)[]): readonly PolicyStatement[] {
  const arns = encrypted.flatMap(({ encryptionKey }) => encryptionKey?.keyArn ?? []);
  return allow("UseKeys", { actions: ["kms:Decrypt", "kms:GenerateDataKey"], arns });
}

const streamArn = (stream: IStream): string => stream.streamArn;
const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];
