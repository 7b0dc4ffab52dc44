import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { DeleteStreamCommand } from "@aws-sdk/client-kinesis";
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { AwsClients } from "../../../runtime/aws/clients.ts";

export interface StackResource {
  /** As CloudFormation calls it. */
  readonly type: string;
  readonly name: string;
}

/** Deletes what a stack keeps when it is deleted: a conformance run leaves nothing that costs. Answers what it deleted. */
export async function deleteResources(
  { kinesis, dynamodb, s3 }: AwsClients,
  resources: readonly StackResource[],
): Promise<readonly string[]> {
  const deleted: string[] = [];
  for (const { type, name } of resources) {
    if (type === "AWS::Kinesis::Stream")
      await kinesis.send(
        new DeleteStreamCommand({ StreamName: name, EnforceConsumerDeletion: true }),
      );
    else if (type === "AWS::DynamoDB::Table")
      await dynamodb.send(new DeleteTableCommand({ TableName: name }));
    else if (type === "AWS::S3::Bucket") await emptyAndDelete(s3, name);
    else continue;
    deleted.push(`${type} ${name}`);
  }
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
