import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { DeleteStreamCommand } from "@aws-sdk/client-kinesis";
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { type CloudWatchLogsClient, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { isNamed } from "../../../runtime/aws/aws-errors.ts";
import type { AwsClients } from "../../../runtime/aws/clients.ts";
import type { StackResource } from "./stacks.ts";

/** Deletes a resource by its name. */
export type Deleters = Readonly<Record<string, (name: string) => Promise<unknown>>>;

/** By type, for what a stack keeps when it is deleted. */
export function deletersOf({ kinesis, dynamodb, s3 }: AwsClients): Deleters {
  return {
    "AWS::Kinesis::Stream": (StreamName) =>
      kinesis.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true })),
    "AWS::DynamoDB::Table": (TableName) => dynamodb.send(new DeleteTableCommand({ TableName })),
    "AWS::S3::Bucket": (name) => emptyAndDelete(s3, name),
  };
}

export function logGroupDeleter(logs: CloudWatchLogsClient): Deleters {
  return {
    "AWS::Logs::LogGroup": (logGroupName) => logs.send(new DeleteLogGroupCommand({ logGroupName })),
  };
}

const gone = ["ResourceNotFoundException", "NoSuchBucket"];

/**
 * Deletes what a stack keeps when it is deleted: a conformance run leaves nothing that costs. What is gone already, as after a
 * roll-back, is passed over; what can't be deleted is no reason to leave the rest. Answers what it deleted.
 * @throws AggregateError of what stays
 */
export async function deleteResources(
  deleters: Deleters,
  resources: readonly StackResource[],
): Promise<readonly string[]> {
  const deleted: string[] = [];
  const failures: unknown[] = [];
  for (const { type, name } of resources) {
    try {
      const remove = deleters[type];
      if (remove === undefined) continue;
      await remove(name);
      deleted.push(`${type} ${name}`);
    } catch (failure) {
      if (!gone.some((known) => isNamed(failure, known))) failures.push(failure);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("; "));
  return deleted;
}

/** A bucket goes only when no version of anything is left in it. */
async function emptyAndDelete(client: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket }),
    );
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({
      Key: Key!,
      ...(VersionId === undefined ? {} : { VersionId }),
    }));
    if (Objects.length === 0) break;
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    );
    if (Errors.length > 0)
      throw new Error(`${Errors.length} objects of ${Bucket} stay, ${Errors[0]?.Message}`);
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}
