import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
} from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import { setTimeout as wait } from "node:timers/promises";

type Properties = Readonly<Record<string, unknown>>;

const askAgainMs = 50;
const defaultRetentionHours = 24;

/** A stream with its shards and retention; encryption is left to AWS. */
export async function createStream(
  client: KinesisClient,
  name: string,
  { ShardCount = 1, RetentionPeriodHours = defaultRetentionHours }: Properties,
): Promise<void> {
  const command = new CreateStreamCommand({ StreamName: name, ShardCount: Number(ShardCount) });
  if (!(await isNew(client.send(command)))) return;
  for (;;) {
    const summary = await client.send(new DescribeStreamSummaryCommand({ StreamName: name }));
    if (summary.StreamDescriptionSummary?.StreamStatus === "ACTIVE") break;
    await wait(askAgainMs);
  }
  const hours = Number(RetentionPeriodHours);
  if (hours > defaultRetentionHours)
    await client.send(
      new IncreaseStreamRetentionPeriodCommand({ StreamName: name, RetentionPeriodHours: hours }),
    );
}

/** A table with its keys; recovery to a point in time is left to AWS. */
export async function createTable(
  client: DynamoDBClient,
  name: string,
  { AttributeDefinitions, KeySchema }: Properties,
): Promise<void> {
  const schema = { AttributeDefinitions, KeySchema } as Pick<
    CreateTableCommandInput,
    "AttributeDefinitions" | "KeySchema"
  >;
  const command = { TableName: name, BillingMode: "PAY_PER_REQUEST", ...schema } as const;
  await isNew(client.send(new CreateTableCommand(command)));
}

export async function createBucket(client: S3Client, name: string): Promise<void> {
  await isNew(client.send(new CreateBucketCommand({ Bucket: name })));
}

const thereAlready = /^(ResourceInUse|BucketAlready)/;

async function isNew(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && thereAlready.test(thrown.name)) return false;
    throw thrown;
  }
}
