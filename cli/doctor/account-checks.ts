import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { DescribeLimitsCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeLimitsCommand as StreamLimits, KinesisClient } from "@aws-sdk/client-kinesis";
import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { calling, isNamed } from "../../runtime/aws/aws-errors.ts";
import { httpOnly } from "./http-only.ts";
import { messageOf } from "../../runtime/errors/millrace-error.ts";
import { readableCount } from "../readable.ts";
import { type Finding, ok } from "./finding.ts";

/** The oldest bootstrap that the CDK's assets and roles work with (AWS CDK developer guide, "Bootstrapping"). */
const bootstrapMin = 6;

/** What the CDK deploys with. @throws store errors, as the others do */
async function checkBootstrap(region: string): Promise<Finding> {
  const name = "bootstrap";
  const next = `Run once for this account and region: npx cdk bootstrap aws://<account>/${region}`;
  const client = new CloudFormationClient({ region });
  const about = { resource: 'stack "CDKToolkit"', action: "cloudformation:DescribeStacks" };
  try {
    const version = await calling(about, async () => {
      const { Stacks: [stack] = [] } = await client.send(
        new DescribeStacksCommand({ StackName: "CDKToolkit" }),
      );
      const outputs = stack?.Outputs ?? [];
      return Number(outputs.find(({ OutputKey }) => OutputKey === "BootstrapVersion")?.OutputValue);
    }).catch((thrown: unknown) => {
      // There is no error of its own for a stack that is not there.
      const isMissing = (error: unknown): boolean =>
        isNamed(error, "ValidationError") && messageOf(error).includes("does not exist");
      if (thrown instanceof Error && isMissing(thrown.cause)) return undefined;
      throw thrown;
    });
    if (version === undefined)
      return { name, state: "failed", message: `${region} is not bootstrapped for the CDK.`, next };
    if (version >= bootstrapMin) return ok(name, `bootstrapped for the CDK, version ${version}`);
    const message = `The bootstrap of ${region} has version ${version}; ${bootstrapMin} is needed.`;
    return { name, state: "failed", message, next };
  } finally {
    client.destroy();
  }
}

/** One for each shard that a job reads, of its exchange too, and one for its coordinator. */
const concurrencyMin = 5;
const concurrencyLow = 50;

async function checkConcurrencyQuota(region: string): Promise<Finding> {
  const name = "lambda quota";
  const client = new LambdaClient({ region });
  const about = { resource: `the account in ${region}`, action: "lambda:GetAccountSettings" };
  try {
    const { AccountLimit = {} } = await calling(about, () =>
      client.send(new GetAccountSettingsCommand({})),
    );
    const { ConcurrentExecutions: limit = 0, UnreservedConcurrentExecutions: free = 0 } =
      AccountLimit;
    const message = `${readableCount(free)} of ${readableCount(limit)} concurrent executions are unreserved`;
    if (free >= concurrencyLow) return ok(name, message);
    const next = `A job takes one for each shard and one for its coordinator. Have it raised: Service Quotas, AWS Lambda, "Concurrent executions".`;
    return { name, state: free < concurrencyMin ? "failed" : "note", message, next };
  } finally {
    client.destroy();
  }
}

/** Of a source and of an exchange. */
const shardsMin = 2;

async function checkShardQuota(region: string): Promise<Finding> {
  const name = "kinesis quota";
  const client = new KinesisClient({ region, requestHandler: httpOnly() });
  const about = { resource: `the account in ${region}`, action: "kinesis:DescribeLimits" };
  try {
    const { ShardLimit: limit = 0, OpenShardCount: open = 0 } = await calling(about, () =>
      client.send(new StreamLimits({})),
    );
    const message = `${readableCount(open)} of ${readableCount(limit)} provisioned shards are open`;
    if (limit - open >= shardsMin) return ok(name, message);
    const next = `A job takes ${shardsMin} at least. Have it raised: Service Quotas, Amazon Kinesis Data Streams, "Shards per Region".`;
    return { name, state: "failed", message, next };
  } finally {
    client.destroy();
  }
}

/** What a table begins with that is paid by request (DynamoDB developer guide, "On-demand capacity mode"). */
const writeUnitsOfNewTable = 4_000;

async function checkWriteQuota(region: string): Promise<Finding> {
  const name = "dynamodb quota";
  const client = new DynamoDBClient({ region });
  const about = { resource: `the account in ${region}`, action: "dynamodb:DescribeLimits" };
  try {
    const { TableMaxWriteCapacityUnits: table = 0, AccountMaxWriteCapacityUnits: account = 0 } =
      await calling(about, () => client.send(new DescribeLimitsCommand({})));
    const message = `write units a second: ${readableCount(table)} of a table, ${readableCount(account)} of the account`;
    if (table >= writeUnitsOfNewTable) return ok(name, message);
    const next = `Have it raised: Service Quotas, Amazon DynamoDB, "Table-level write throughput limit".`;
    return { name, state: "note", message, next };
  } finally {
    client.destroy();
  }
}

/** By name: each answers, or throws what AWS refused it for. */
export const accountChecks = {
  bootstrap: checkBootstrap,
  "lambda quota": checkConcurrencyQuota,
  "kinesis quota": checkShardQuota,
  "dynamodb quota": checkWriteQuota,
} as const;
