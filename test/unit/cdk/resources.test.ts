import { Duration, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { AttributeType, type Table, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { beforeAll, describe, expect, test } from "vitest";
import type { MillracePipelineProps } from "../../../cdk/index.ts";
import { settingsOf } from "../../../cdk/pipeline-settings.ts";
import {
  propertiesOf,
  relayJob,
  statementsOf,
  synthesize,
  type Synthesized,
} from "./synthesize.ts";

let orders: Synthesized;
beforeAll(() => {
  orders = synthesize();
});

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
        RetentionPeriodHours: 72,
        StreamModeDetails: { StreamMode: "PROVISIONED" },
        StreamEncryption: { EncryptionType: "KMS" },
      });
  });

  test("keeps everything that holds state when it leaves the stack", () => {
    const types = ["AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::S3::Bucket"];
    for (const type of types)
      for (const resource of Object.values(orders.template.findResources(type)))
        expect(resource).toMatchObject({
          // A first deployment that is rolled back leaves nothing in the way of the next one.
          DeletionPolicy: "RetainExceptOnCreate",
          UpdateReplacePolicy: "Retain",
        });
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
    const resources = ["JOB", "TABLE", "BUCKET", "EXCHANGE_STREAM", "STREAMS", "TABLES"];
    const variables = ["PIPELINE", "LOG_LEVEL", "BATCH_WINDOW_MS", ...resources].map(
      (name) => `MILLRACE_${name}`,
    );
    const ofCoordinator = ["MILLRACE_PROCESS_FUNCTION", "MILLRACE_EXCHANGE_RETENTION_MS"];
    expect(names).toEqual([variables, [...variables, ...ofCoordinator]]);
  });

  test("tells both functions how long a batch is gathered", () => {
    const { template } = synthesize(() => ({ batchWindow: Duration.seconds(20) }));
    for (const fn of Object.values(propertiesOf(template, "AWS::Lambda::Function")))
      expect(fn["Environment"].Variables).toMatchObject({ MILLRACE_BATCH_WINDOW_MS: "20000" });
  });

  test("does not call a batch old that was gathered for as long as was asked for", () => {
    const { plan } = orders.pipeline;
    const ageMaxOf = (batchWindow: Duration) =>
      settingsOf({ entry: "job.ts", batchWindow }, plan).iteratorAgeMax.toMinutes();
    expect(ageMaxOf(Duration.minutes(5))).toBe(10);
    expect(ageMaxOf(Duration.seconds(30))).toBe(5);
  });

  test("collects nothing in the bucket by age but what the job has deleted", () => {
    const [bucket] = Object.values(propertiesOf(orders.template, "AWS::S3::Bucket"));
    for (const rule of bucket!["LifecycleConfiguration"].Rules as readonly object[])
      expect(Object.keys(rule).toSorted()).toEqual([
        "AbortIncompleteMultipartUpload",
        "ExpiredObjectDeleteMarker",
        "NoncurrentVersionExpiration",
        "Status",
      ]);
  });

  test("reserves nothing of an account's limit, which may be ten in all", () => {
    const functions = Object.values(propertiesOf(orders.template, "AWS::Lambda::Function"));
    expect(functions.map((fn) => fn["ReservedConcurrentExecutions"])).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("leaves tables the throughput that they have from the start", () => {
    for (const table of Object.values(propertiesOf(orders.template, "AWS::DynamoDB::Table")))
      expect(table).not.toHaveProperty("WarmThroughput");
  });

  test("notes its functions under its name", () => {
    orders.template.hasResourceProperties("AWS::SSM::Parameter", {
      Name: "/millrace/orders/functions",
      Type: "StringList",
    });
  });

  test("tells commands where the job is, in one output", () => {
    const outputs = Object.entries(orders.template.findOutputs("*"));
    const [, connection] = outputs.find(([id]) => /Connection[0-9A-F]{8}$/.test(id))!;
    const parts = connection!["Value"]["Fn::Join"][1] as readonly (string | { Ref: string })[];
    const text = parts.map((part) => (typeof part === "string" ? part : part.Ref)).join("");
    const variables = JSON.parse(text) as Record<string, string>;
    expect(variables).toMatchObject({
      MILLRACE_JOB: "orders",
      MILLRACE_PROCESS_LOG_GROUP: expect.stringMatching(/^PipelineProcessLog/) as string,
      MILLRACE_COORDINATOR_LOG_GROUP: expect.stringMatching(/^PipelineCoordinatorLog/) as string,
      AWS_REGION: "AWS::Region",
    });
    expect(JSON.parse(variables["MILLRACE_STREAMS"]!)).toEqual({
      orders: expect.stringMatching(/^PipelineStreamsorders/) as string,
      "revenue-changes": expect.stringMatching(/^PipelineStreamsrevenuechanges/) as string,
    });
  });

  test("tells people where dashboard and dead letters are", () => {
    const outputs = JSON.stringify(orders.template.findOutputs("*"));
    expect(outputs).toContain("#dashboards/dashboard/");
    expect(outputs).toMatch(/"s3:\/\/",\{"Ref":"PipelineBucket[0-9A-F]+"\},"\/orders\/"/);
  });

  test("starts the coordinator every minute, and has garbage collected beside it", () => {
    for (const [ScheduleExpression, kind] of [
      ["rate(1 minute)", "tick"],
      ["rate(15 minutes)", "collect-garbage"],
    ])
      orders.template.hasResourceProperties("AWS::Scheduler::Schedule", {
        ScheduleExpression,
        Target: Match.objectLike({ Input: JSON.stringify({ kind }) }),
      });
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
  });

  test("finds streams and tables by name or ARN, and reserves nothing since it can't count their shards", () => {
    const { template } = synthesize(() => ({
      sources: { orders: "clicks" },
      sinkStreams: { "revenue-changes": "arn:aws:kinesis:eu-west-1:111122223333:stream/changes" },
      tables: { revenue: "takings" },
    }));
    template.resourceCountIs("AWS::Kinesis::Stream", 1);
    template.resourceCountIs("AWS::DynamoDB::Table", 1);
    const texts = JSON.stringify(statementsOf(template));
    expect(texts).toContain(":stream/clicks");
    expect(texts).toContain("arn:aws:kinesis:eu-west-1:111122223333:stream/changes");
    expect(texts).toContain(":table/takings");
    for (const fn of Object.values(propertiesOf(template, "AWS::Lambda::Function")))
      expect(fn).not.toHaveProperty("ReservedConcurrentExecutions");
  });

  test("reserves what it is told to, and four for the coordinator", () => {
    const { template } = synthesize(() => ({ reservedConcurrency: 96 }));
    const functions = Object.values(propertiesOf(template, "AWS::Lambda::Function"));
    expect(functions.map((fn) => fn["ReservedConcurrentExecutions"])).toEqual([96, 4]);
  });

  test("lets the process function use the keys of streams and tables that are given by name", () => {
    const arn = "arn:aws:kms:eu-west-1:111122223333:key/one";
    const { template } = synthesize((stack) => ({
      sources: { orders: "orders" },
      encryptionKeys: [Key.fromKeyArn(stack, "Key", arn)],
    }));
    const policies = Object.values(propertiesOf(template, "AWS::IAM::Policy"));
    const statements = policies.flatMap(
      (policy) => policy["PolicyDocument"].Statement as readonly { Resource: unknown }[],
    );
    expect(statements).toContainEqual(
      expect.objectContaining({
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: arn,
      }),
    );
  });

  test("warms tables for the shards that write them, as far as an account's quota goes, where that is wished for", () => {
    const shards = { exchangeShards: 64, streamShards: 8 };
    const cold = propertiesOf(synthesize(() => shards).template, "AWS::DynamoDB::Table");
    for (const table of Object.values(cold)) expect(table).not.toHaveProperty("WarmThroughput");
    const { template } = synthesize(() => ({ ...shards, warmThroughput: "by-shards" }));
    const warm = Object.values(propertiesOf(template, "AWS::DynamoDB::Table")).map(
      (table) => table["WarmThroughput"],
    );
    expect(warm).toEqual([
      { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 40_000 },
      { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 8_640 },
    ]);
  });

  test("feeds the process function from consumers of its own with enhanced fan-out", () => {
    const { template } = synthesize(() => ({ enhancedFanOut: true }));
    const consumers = template.findResources("AWS::Kinesis::StreamConsumer");
    const mappings = Object.values(propertiesOf(template, "AWS::Lambda::EventSourceMapping"));
    const sources = mappings.map((mapping) => mapping["EventSourceArn"]["Fn::GetAtt"][0]);
    expect(sources.toSorted()).toEqual(Object.keys(consumers).toSorted());
  });

  test("makes no exchange for a job with one stage", () => {
    const { template, pipeline } = synthesize(() => ({ entry: relayJob }));
    expect(pipeline.streams.exchange).toBeUndefined();
    template.resourceCountIs("AWS::Kinesis::Stream", 2);
    template.resourceCountIs("AWS::Lambda::EventSourceMapping", 1);
    expect(pipeline.alarms).not.toHaveProperty("ExchangeThrottles");
  });

  test("deletes everything with the stack where it is told to", () => {
    const { template } = synthesize(() => ({ removalPolicy: RemovalPolicy.DESTROY }));
    expect(JSON.stringify(template.toJSON())).not.toContain('"Retain"');
  });

  test("has no alarms and no dashboard where none are wanted", () => {
    const { template } = synthesize(() => ({ alarms: false, dashboard: false }));
    template.resourceCountIs("AWS::CloudWatch::Alarm", 0);
    template.resourceCountIs("AWS::CloudWatch::Dashboard", 0);
  });

  test("refuses a table that the job doesn't write, and names those that it does", () => {
    expect(() => synthesize((stack) => ({ tables: { revenu: givenTable(stack) } }))).toThrow(
      /tables has "revenu".*\n.*"revenue"/,
    );
    expect(() => synthesize(() => ({ numberKeys: { revenue: ["start"] } }))).toThrow(
      /numberKeys\.revenue has "start".*\n.*"shop", "startMs"/,
    );
  });
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
    ["setting-out-of-range", { reservedConcurrency: 0 }],
    ["setting-out-of-range", { streamRetention: Duration.hours(12) }],
    ["setting-out-of-range", { exchangeRetention: Duration.hours(9_000) }],
    ["setting-out-of-range", { watermarkLagMax: Duration.seconds(0) }],
    ["setting-out-of-range", { deadLetterRetention: Duration.days(0) }],
    ["setting-out-of-range", { logLevel: "verbose" as "debug" }],
    ["pipeline-name-invalid", { pipelineName: "my pipeline" }],
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
    sortKey: { name: "startMs", type: AttributeType.NUMBER },
  });
}
