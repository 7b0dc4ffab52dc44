import { Duration, type Stack } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { AttributeType, type Table, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { beforeAll, describe, expect, test } from "vitest";
import type { MillracePipelineProps } from "../../../cdk/index.ts";
import { settingsOf } from "../../../cdk/pipeline-settings.ts";
import { propertiesOf, synthesize, type Synthesized } from "./synthesize.ts";

let orders: Synthesized;
beforeAll(() => {
  orders = synthesize();
}, 60_000);

describe("a pipeline with nothing but its entry", () => {
  test("feeds the process function from each stream as the protocol requires", () => {
    const mappings = Object.values(
      propertiesOf(orders.template, "AWS::Lambda::EventSourceMapping"),
    );
    expect(mappings).toHaveLength(2);
    for (const mapping of mappings)
      expect(mapping).toMatchObject({
        ParallelizationFactor: 1,
        MaximumRetryAttempts: -1,
        MaximumRecordAgeInSeconds: -1,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        BatchSize: 1000,
        MaximumBatchingWindowInSeconds: 1,
      });
  });

  test("starts a source where the plan says, and the exchange at its beginning", () => {
    const mappings = propertiesOf(orders.template, "AWS::Lambda::EventSourceMapping");
    const starts = Object.values(mappings).map((mapping) => [
      mapping["StartingPosition"],
      mapping["StartingPositionTimestamp"],
    ]);
    expect(starts).toEqual([
      ["AT_TIMESTAMP", Date.UTC(2026, 0, 1) / 1000],
      ["TRIM_HORIZON", undefined],
    ]);
  });

  test("creates the result table with the sink's key", () => {
    orders.template.hasResourceProperties("AWS::DynamoDB::Table", {
      KeySchema: [
        { AttributeName: "shop", KeyType: "HASH" },
        { AttributeName: "startMs", KeyType: "RANGE" },
      ],
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  test("creates exchange, source and sink stream, provisioned and encrypted", () => {
    const streams = Object.values(propertiesOf(orders.template, "AWS::Kinesis::Stream"));
    expect(streams).toHaveLength(3);
    for (const stream of streams)
      expect(stream).toMatchObject({
        ShardCount: 1,
        RetentionPeriodHours: 24,
        StreamModeDetails: { StreamMode: "PROVISIONED" },
        StreamEncryption: { EncryptionType: "KMS" },
      });
  });

  test("keeps everything that holds state when it leaves the stack", () => {
    const types = ["AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::S3::Bucket"];
    for (const type of types)
      for (const resource of Object.values(orders.template.findResources(type)))
        expect(resource).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  });

  test("keeps the bucket private, encrypted, versioned and on TLS", () => {
    orders.template.hasResourceProperties("AWS::S3::Bucket", {
      VersioningConfiguration: { Status: "Enabled" },
      BucketEncryption: Match.anyValue(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    orders.template.hasResourceProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: Match.objectLike({
        Statement: [
          Match.objectLike({
            Effect: "Deny",
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          }),
        ],
      }),
    });
  });

  test("keeps the logs of both functions for a month, as JSON", () => {
    const groups = Object.values(propertiesOf(orders.template, "AWS::Logs::LogGroup"));
    expect(groups.map((group) => group["RetentionInDays"])).toEqual([30, 30]);
    orders.template.allResourcesProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      LoggingConfig: Match.objectLike({ LogFormat: "JSON" }),
    });
  });

  test("tells both functions the names of what they use", () => {
    const functions = Object.values(propertiesOf(orders.template, "AWS::Lambda::Function"));
    const names = functions.map((fn) => Object.keys(fn["Environment"].Variables));
    const shared = ["JOB", "TABLE", "BUCKET", "EXCHANGE_STREAM", "STREAMS", "TABLES"];
    const variables = shared.map((name) => `MILLRACE_${name}`);
    expect(names).toEqual([variables, [...variables, "MILLRACE_PROCESS_FUNCTION"]]);
  });

  test("starts the coordinator every minute", () => {
    orders.template.hasResourceProperties("AWS::Events::Rule", {
      ScheduleExpression: "rate(1 minute)",
    });
  });

  test("exposes how large the process function's code is", () => {
    expect(orders.pipeline.bundleBytes).toBeGreaterThan(10_000);
  });
});

describe("a pipeline with props", () => {
  test("uses the streams and tables that it is given, and creates the rest", () => {
    const { template } = synthesize((stack) => ({
      sources: { orders: new Stream(stack, "Given") },
      tables: { revenue: givenTable(stack) },
    }));
    template.resourceCountIs("AWS::Kinesis::Stream", 3);
    template.resourceCountIs("AWS::DynamoDB::Table", 1);
    template.resourceCountIs("AWS::DynamoDB::GlobalTable", 1);
  }, 60_000);

  test("takes key attributes for numbers where it is told to", () => {
    const { template } = synthesize(() => ({ numberKeys: { revenue: ["startMs"] } }));
    template.hasResourceProperties("AWS::DynamoDB::Table", {
      AttributeDefinitions: [
        { AttributeName: "shop", AttributeType: "S" },
        { AttributeName: "startMs", AttributeType: "N" },
      ],
    });
  }, 60_000);

  test("refuses a table that the job doesn't write, and names those that it does", () => {
    expect(() => synthesize((stack) => ({ tables: { revenu: givenTable(stack) } }))).toThrow(
      /tables has "revenu".*\n.*"revenue"/,
    );
    expect(() => synthesize(() => ({ numberKeys: { revenue: ["start"] } }))).toThrow(
      /numberKeys\.revenue has "start".*\n.*"shop", "startMs"/,
    );
  }, 60_000);
});

describe("a pipeline's settings", () => {
  test("are the defaults where they are undefined", () => {
    // As a program without exactOptionalPropertyTypes may write it.
    const props = { entry: "job.ts", batchSize: undefined } as unknown as MillracePipelineProps;
    expect(settingsOf(props, orders.pipeline.plan).batchSize).toBe(1000);
  });

  test.each<[string, Partial<MillracePipelineProps>]>([
    ["setting-out-of-range", { batchSize: 10_001 }],
    ["setting-out-of-range", { memoryMiB: 64 }],
    ["setting-out-of-range", { exchangeShards: 1.5 }],
    ["setting-out-of-range", { timeout: Duration.minutes(16) }],
    ["environment-name-taken", { environment: { MILLRACE_TABLE: "mine" } }],
  ])("are refused with %s for %o", (code, props) => {
    const given = { entry: "job.ts", ...props };
    expect(() => settingsOf(given, orders.pipeline.plan)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

function givenTable(stack: Stack): Table | TableV2 {
  return new TableV2(stack, "GivenTable", {
    partitionKey: { name: "shop", type: AttributeType.STRING },
  });
}
