import { PolicyStatement, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { requiredActions } from "../runtime/aws/required-actions.ts";
import type { PipelineStorage } from "./storage.ts";
import { streamsThatFeed, type PipelineStreams } from "./streams.ts";

/** What a pipeline's functions work on. */
export interface PipelineResources {
  readonly job: string;
  readonly streams: PipelineStreams;
  readonly storage: PipelineStorage;
  /** What the construct makes is encrypted with it. Default: keys that AWS keeps. */
  readonly key?: IKey;
}

/** What Lambda itself calls, with the function's role, to poll a stream (AWS Lambda developer guide, "Kinesis"). */
const pollingActions = [
  "kinesis:DescribeStream",
  "kinesis:DescribeStreamSummary",
  "kinesis:GetRecords",
  "kinesis:GetShardIterator",
  "kinesis:ListShards",
  "kinesis:SubscribeToShard",
];

/** What reads a stream: the slots and, with their role, Lambda's polling. */
export const readingActions = distinct([...actionsOf("kinesis-stream-reader"), ...pollingActions]);
export const writingActions = actionsOf("kinesis-stream-writer");

/** Results are scanned by tools, with the rights of whoever runs them; the job itself never does. */
const toolActions = ["dynamodb:Scan"];
const objectActions = actionsOf("s3-object-store", "bucket objects");
const deletesNothing = (action: string): boolean => !action.includes(":Delete");

/** Slots read their streams, write their logs, objects and sinks; they delete nothing. */
export function processStatements(resources: PipelineResources): readonly PolicyStatement[] {
  const { streams, storage } = resources;
  const { jobTable, bucket, tables } = storage;
  const { exchange, sinks, consumers } = streams;
  return [
    allow("ReadStreams", {
      actions: readingActions,
      arns: streamsThatFeed(streams).map(arnOfStream),
    }),
    allow("SubscribeConsumers", {
      actions: ["kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard"],
      arns: [...consumers.values()].map(({ streamConsumerArn }) => streamConsumerArn),
    }),
    allow("SendFrames", {
      actions: writingActions,
      arns: exchange === undefined ? [] : [exchange.streamArn],
    }),
    allow("WriteSinkStreams", {
      actions: writingActions,
      arns: Object.values(sinks).map(arnOfStream),
    }),
    allow("WriteResultTables", {
      actions: actionsOf("dynamodb-keyed-table").filter((action) => !toolActions.includes(action)),
      arns: Object.values(tables).map(({ tableArn }) => tableArn),
    }),
    allow("JobTable", {
      actions: [
        ...actionsOf("dynamodb-commit-log"),
        ...actionsOf("dynamodb-control-table").filter(deletesNothing),
      ],
      arns: [jobTable.tableArn],
    }),
    listBucket(resources),
    allow("JobObjects", {
      actions: objectActions.filter(deletesNothing),
      arns: [objectsOf(resources)],
    }),
    allow("ReadFiles", {
      actions: ["s3:GetObject"],
      arns: arnsOfFiles(resources, "read"),
    }),
    useKey(resources),
    // Lambda itself notes here, with the function's role, which batches it gave up.
    allow("FailedBatches", {
      actions: ["s3:PutObject"],
      arns: [bucket.arnForObjects("aws/lambda/*")],
    }),
  ].flat();
}

/** The coordinator puts ticks, writes manifests, collects garbage and invokes slots; it reads no records. */
export function coordinatorStatements(
  resources: PipelineResources,
  process: IFunction,
): readonly PolicyStatement[] {
  const { streams, storage } = resources;
  const { exchange } = streams;
  return [
    allow("ListShards", {
      actions: ["kinesis:ListShards"],
      arns: streamsThatFeed(streams).map(arnOfStream),
    }),
    allow("PutTicks", {
      actions: writingActions,
      arns: exchange === undefined ? [] : [exchange.streamArn],
    }),
    allow("ControlRows", {
      actions: actionsOf("dynamodb-control-table"),
      arns: [storage.jobTable.tableArn],
    }),
    allow("CheckTables", {
      actions: actionsOf("dynamodb-table-schemas"),
      arns: Object.values(storage.tables).map(({ tableArn }) => tableArn),
    }),
    listBucket(resources),
    allow("JobObjects", { actions: objectActions, arns: [objectsOf(resources)] }),
    putFiles(resources),
    useKey(resources),
    allow("InvokeSlots", { actions: ["lambda:InvokeFunction"], arns: [process.functionArn] }),
    // AWS lets this action be granted on everything only.
    allow("CheckMappings", { actions: ["lambda:ListEventSourceMappings"], arns: ["*"] }),
  ].flat();
}

/** What `millrace` calls: to look at checkpoints and state, and, for those who operate, to take, restore and delete them. */
export function commandStatements(
  resources: PipelineResources,
  { mayChange }: { readonly mayChange: boolean },
): readonly PolicyStatement[] {
  const { streams, storage } = resources;
  const writes = ["dynamodb:PutItem", "dynamodb:DeleteItem", "s3:PutObject", "s3:DeleteObject"];
  const allowed = (action: string): boolean => mayChange || !writes.includes(action);
  return [
    allow("ListShards", {
      actions: ["kinesis:ListShards"],
      arns: mayChange ? streamsThatFeed(streams).map(arnOfStream) : [],
    }),
    allow("ControlRows", {
      actions: actionsOf("dynamodb-control-table").filter(allowed),
      arns: [storage.jobTable.tableArn],
    }),
    listBucket(resources),
    allow("JobObjects", { actions: objectActions.filter(allowed), arns: [objectsOf(resources)] }),
    mayChange ? putFiles(resources) : [],
    useKey(resources, mayChange ? undefined : ["kms:Decrypt"]),
  ].flat();
}

/** The functions of the API: one reads what the console shows, and the other does what operators ask for, and puts dead letters into their streams again. */
export function apiStatements(
  resources: PipelineResources,
  allows: "reads" | "writes",
): readonly PolicyStatement[] {
  const { streams, storage } = resources;
  if (allows === "writes")
    return [
      ...commandStatements(resources, { mayChange: true }),
      allow("PutAgain", {
        actions: writingActions,
        arns: Object.values(streams.sources).map(arnOfStream),
      }),
    ].flat();
  return [
    ...commandStatements(resources, { mayChange: false }),
    allow("ReadResults", {
      actions: toolActions,
      arns: Object.values(storage.tables).map(({ tableArn }) => tableArn),
    }),
  ].flat();
}

/** To read what is encrypted with it, and to write more. */
function useKey(
  { key }: PipelineResources,
  actions: readonly string[] = ["kms:Decrypt", "kms:GenerateDataKey"],
): readonly PolicyStatement[] {
  return allow("UseKey", { actions, arns: key === undefined ? [] : [key.keyArn] });
}

/** Who works with what may be encrypted. */
interface KeyUsers {
  readonly process: IGrantable;
  readonly coordinator: IGrantable;
  readonly reads?: IGrantable | undefined;
  readonly writes?: IGrantable | undefined;
}

/** What was given may be encrypted with keys of the user's. */
export function grantKeys(
  { process, coordinator, reads, writes }: KeyUsers,
  { streams, storage, key: own }: PipelineResources,
  named: readonly IKey[] = [],
): void {
  const distinctKeys = (keys: readonly (IKey | undefined)[]): ReadonlySet<IKey> =>
    new Set(keys.filter((key) => key !== undefined).filter((key) => key !== own));
  const read = Object.values(streams.sources).map(({ encryptionKey }) => encryptionKey);
  const written = [...Object.values(streams.sinks), ...Object.values(storage.tables)];
  for (const key of distinctKeys(read)) key.grant(process, "kms:Decrypt");
  for (const key of distinctKeys([...written.map(({ encryptionKey }) => encryptionKey), ...named]))
    key.grant(process, "kms:Decrypt", "kms:GenerateDataKey");
  for (const key of distinctKeys([storage.jobTable.encryptionKey, storage.bucket.encryptionKey]))
    for (const role of [process, coordinator, ...(writes ? [writes] : [])])
      key.grant(role, "kms:Decrypt", "kms:GenerateDataKey");
  if (writes !== undefined)
    for (const key of distinctKeys([...read, ...named]))
      key.grant(writes, "kms:Decrypt", "kms:GenerateDataKey");
  if (reads === undefined) return;
  const { jobTable, bucket, tables } = storage;
  const kept = [jobTable, bucket, ...Object.values(tables)].map(
    ({ encryptionKey }) => encryptionKey,
  );
  for (const key of distinctKeys([...kept, ...named])) key.grant(reads, "kms:Decrypt");
}

/** Without it S3 answers 403 instead of 404 for what is not there; and files are listed that the job reads. */
function listBucket({ storage }: PipelineResources): readonly PolicyStatement[] {
  const { bucket, files } = storage;
  const actions = actionsOf("s3-object-store", "bucket");
  const arns = [bucket.bucketArn, ...(files?.read.length ? [files.bucket.bucketArn] : [])];
  return allow("ListBucket", { actions, arns });
}

/** The keys of a job's objects begin with its name. */
function objectsOf({ job, storage }: PipelineResources): string {
  return storage.bucket.arnForObjects(`${job}/*`);
}

/** protocol 6.9: slots stage what files hold; coordinator and restores make it visible, and read none of it. */
function putFiles(resources: PipelineResources): readonly PolicyStatement[] {
  return allow("FinishedFiles", {
    actions: ["s3:PutObject"],
    arns: arnsOfFiles(resources, "written"),
  });
}

function arnsOfFiles(
  { storage: { files } }: PipelineResources,
  which: "read" | "written",
): readonly string[] {
  if (files === undefined) return [];
  const { bucket, prefix } = files;
  return files[which].map((folder) => bucket.arnForObjects(`${prefix}${folder}/*`));
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

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

const arnOfStream = (stream: IStream): string => stream.streamArn;
