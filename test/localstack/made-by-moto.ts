import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { DescribeStreamSummaryCommand } from "@aws-sdk/client-kinesis";
import {
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { GetBucketEncryptionCommand } from "@aws-sdk/client-s3";
import type { AwsClients } from "../../runtime/aws/clients.ts";
import type { MotoCalls } from "./moto-calls.ts";

export type Properties = Readonly<Record<string, unknown>>;

export interface MotoWorld {
  readonly clients: AwsClients;
  readonly lambda: LambdaClient;
  readonly moto: MotoCalls;
}

export interface MadeResource {
  readonly ref: string;
  /** The template's, references resolved. */
  readonly properties: Properties;
}

const functionProperties = "Runtime Handler MemorySize Timeout Environment Role Description".split(
  " ",
);
const mappingProperties = [
  ..."BatchSize MaximumBatchingWindowInSeconds ParallelizationFactor StartingPosition".split(" "),
  ..."FunctionResponseTypes DestinationConfig EventSourceArn".split(" "),
  ..."MaximumRecordAgeInSeconds MaximumRetryAttempts".split(" "),
];

type Describe = (world: MotoWorld, resource: MadeResource) => Promise<Properties>;

/**
 * What moto has made, asked of the service itself and told in the template's words. What is not told here moto leaves out
 * (docs/emulators.md, "CloudFormation in moto").
 */
export const madeByMoto: Readonly<Record<string, Describe>> = {
  "AWS::Kinesis::Stream": async ({ clients }, { ref }) => {
    const answer = await clients.kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: ref }),
    );
    const { OpenShardCount, RetentionPeriodHours, StreamModeDetails } =
      answer.StreamDescriptionSummary!;
    return { ShardCount: OpenShardCount, RetentionPeriodHours, StreamModeDetails };
  },
  "AWS::DynamoDB::Table": async ({ clients }, { ref }) => {
    const { Table } = await clients.dynamodb.send(new DescribeTableCommand({ TableName: ref }));
    const { KeySchema, AttributeDefinitions, BillingModeSummary } = Table!;
    return { KeySchema, AttributeDefinitions, BillingMode: BillingModeSummary?.BillingMode };
  },
  "AWS::S3::Bucket": async ({ clients }, { ref }) => {
    const answer = await clients.s3.send(new GetBucketEncryptionCommand({ Bucket: ref }));
    const rules = answer.ServerSideEncryptionConfiguration!.Rules!.map(
      ({ ApplyServerSideEncryptionByDefault: byDefault }) => ({
        ServerSideEncryptionByDefault: byDefault,
      }),
    );
    return { BucketEncryption: { ServerSideEncryptionConfiguration: rules } };
  },
  "AWS::Lambda::Function": async ({ lambda }, { ref }) => {
    const answer = await lambda.send(new GetFunctionCommand({ FunctionName: ref }));
    const { ReservedConcurrentExecutions } = answer.Concurrency ?? {};
    return { ...pick(answer.Configuration!, functionProperties), ReservedConcurrentExecutions };
  },
  "AWS::Lambda::EventSourceMapping": async ({ lambda }, { ref }) => {
    const answer = await lambda.send(new GetEventSourceMappingCommand({ UUID: ref }));
    const FunctionName = answer.FunctionArn!.replace(/^.*:function:/, "");
    return { ...pick(answer, mappingProperties), FunctionName };
  },
  "AWS::IAM::Role": async ({ moto }, { ref }) => {
    const answer = await moto.query("iam", { Action: "GetRole", RoleName: ref });
    return {
      Description: element(answer, "Description"),
      AssumeRolePolicyDocument: document(answer, "AssumeRolePolicyDocument"),
    };
  },
  "AWS::IAM::Policy": async ({ moto }, { properties }) => {
    const { PolicyName, Roles } = properties as unknown as PolicyProperties;
    const RoleName = Roles[0]!;
    const answer = await moto.query("iam", { Action: "GetRolePolicy", PolicyName, RoleName });
    return {
      PolicyName: element(answer, "PolicyName"),
      Roles: [element(answer, "RoleName")],
      PolicyDocument: document(answer, "PolicyDocument"),
    };
  },
  "AWS::Logs::LogGroup": async ({ moto }, { ref }) => {
    const answer = await moto.json("logs", "Logs_20140328.DescribeLogGroups", {
      logGroupNamePrefix: ref,
    });
    const [group] = answer["logGroups"] as readonly { readonly retentionInDays: number }[];
    return { RetentionInDays: group!.retentionInDays };
  },
  "AWS::SSM::Parameter": async ({ moto }, { ref }) => {
    const answer = await moto.json("ssm", "AmazonSSM.GetParameter", { Name: ref });
    const { Name, Type, Value } = answer["Parameter"] as Properties;
    return { Name, Type, Value };
  },
  "AWS::CloudWatch::Alarm": async ({ moto }, { ref }) => {
    const answer = await moto.query("monitoring", {
      Action: "DescribeAlarms",
      "AlarmNames.member.1": ref,
    });
    const texts = ["AlarmDescription", "ComparisonOperator", "MetricName", "Namespace"];
    const numbers = ["EvaluationPeriods", "DatapointsToAlarm", "Period", "Threshold"];
    return Object.fromEntries([
      ...[...texts, "Statistic", "TreatMissingData"].map((name) => [name, element(answer, name)]),
      ...numbers.map((name) => [name, numberIn(answer, name)]),
    ]) as Properties;
  },
  "AWS::CloudWatch::Dashboard": async ({ moto }, { ref }) => {
    const answer = await moto.query("monitoring", { Action: "GetDashboard", DashboardName: ref });
    return { DashboardBody: element(answer, "DashboardBody") };
  },
};

interface PolicyProperties {
  readonly PolicyName: string;
  readonly Roles: readonly string[];
}

function pick(answer: object, names: readonly string[]): Properties {
  const told = answer as Properties;
  return Object.fromEntries(names.map((name) => [name, told[name]]));
}

/** The text of the first element with a name. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  const characters: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', amp: "&" };
  return text?.replaceAll(/&(lt|gt|quot|amp);/g, (_, entity: string) => characters[entity]!);
}

function numberIn(xml: string, name: string): number | undefined {
  const text = element(xml, name);
  return text === undefined ? undefined : Number(text);
}

/** IAM tells policies as URL-encoded JSON. */
function document(xml: string, name: string): unknown {
  return JSON.parse(decodeURIComponent(element(xml, name) ?? "null"));
}
