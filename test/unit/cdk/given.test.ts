import { App, Duration, Stack, Stage } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { AttributeType, Table } from "aws-cdk-lib/aws-dynamodb";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket, BucketEncryption, type LifecycleRule } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { MillracePipeline, type MillracePipelineProps } from "../../../cdk/index.ts";
import { ordersJob, propertiesOf, statementsOf, synthesize, withoutCode } from "./synthesize.ts";

const refusal = (code: string): object => expect.objectContaining({ code, domain: "deployment" });
const partitionKey = { name: "pk", type: AttributeType.STRING };
const sortKey = { name: "sk", type: AttributeType.STRING };

describe("a bucket and a job table that are given", () => {
  test("are used, and not made", () => {
    const { template, stack, app } = synthesize((scope) => ({
      bucket: new Bucket(scope, "Kept", { enforceSSL: true, serverAccessLogsPrefix: "logs/" }),
      jobTable: new Table(scope, "Jobs", {
        partitionKey,
        sortKey,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      }),
    }));
    template.resourceCountIs("AWS::S3::Bucket", 1);
    template.resourceCountIs("AWS::DynamoDB::Table", 2);
    const [fn] = Object.values(propertiesOf(template, "AWS::Lambda::Function"));
    expect(fn!["Environment"].Variables).toMatchObject({
      MILLRACE_BUCKET: {
        Ref: stack.getLogicalId(stack.node.findChild("Kept").node.defaultChild as never),
      },
      MILLRACE_TABLE: {
        Ref: stack.getLogicalId(stack.node.findChild("Jobs").node.defaultChild as never),
      },
    });
    const { violations } = new AwsSolutionsChecks().validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });

  test("of another app are found by name", () => {
    const { template } = synthesize((stack) => ({
      bucket: Bucket.fromBucketName(stack, "Kept", "kept"),
      jobTable: "jobs",
    }));
    template.resourceCountIs("AWS::S3::Bucket", 0);
    template.resourceCountIs("AWS::DynamoDB::Table", 1);
    expect(JSON.stringify(statementsOf(template))).toContain(":s3:::kept/orders/*");
  });

  test("may have keys, which both roles then may use", () => {
    const { template } = synthesize((stack) => ({
      bucket: new Bucket(stack, "Kept", {
        encryption: BucketEncryption.KMS,
        encryptionKey: new Key(stack, "Key"),
      }),
    }));
    const about = statementsOf(template).filter(({ Action }) =>
      JSON.stringify(Action).includes("kms:"),
    );
    expect(about.map(({ Action }) => Action)).toEqual([
      ["kms:Decrypt", "kms:GenerateDataKey"],
      ["kms:Decrypt", "kms:GenerateDataKey"],
    ]);
  });

  test("a table with another key is refused", () => {
    const jobTable = (stack: Stack) => new Table(stack, "Jobs", { partitionKey });
    expect(() => synthesize((stack) => ({ jobTable: jobTable(stack) }))).toThrow(
      refusal("table-key-mismatch"),
    );
  });

  const withRule = (rule: LifecycleRule) => () =>
    synthesize((stack) => ({ bucket: new Bucket(stack, "Kept", { lifecycleRules: [rule] }) }));

  test.each<[string, LifecycleRule]>([
    ["all of it", { expiration: Duration.days(90) }],
    ["what holds the job", { expiration: Duration.days(90), prefix: "ord" }],
    ["part of the job", { expirationDate: new Date(0), prefix: "orders/1/" }],
  ])("a bucket with a rule that deletes %s is refused", (_, rule) => {
    expect(withRule(rule)).toThrow(refusal("bucket-expires-objects"));
  });

  test.each<LifecycleRule>([
    { noncurrentVersionExpiration: Duration.days(30) },
    { expiration: Duration.days(1), prefix: "landing/" },
    { expiration: Duration.days(1), enabled: false },
  ])("a bucket with the rule %o is taken", (rule) => {
    expect(withRule(rule)).not.toThrow();
  });
});

describe("the name of a pipeline", () => {
  const pipelineIn = (stack: Stack, props: Partial<MillracePipelineProps> = {}, id = "Pipeline") =>
    new MillracePipeline(stack, id, { entry: ordersJob, ...props });
  const anApp = () => new App({ context: withoutCode });
  const place = { account: "111122223333", region: "eu-west-1" };

  test("is refused a second time, in one stack and in two", () => {
    const app = anApp();
    const stack = new Stack(app, "One");
    pipelineIn(stack);
    expect(() => pipelineIn(stack, {}, "Again")).toThrow(/"orders": One\/Pipeline and One\/Again/);
    expect(() => pipelineIn(new Stack(app, "Two"))).toThrow(refusal("pipeline-name-taken"));
    expect(() => pipelineIn(new Stack(app, "Three"), { pipelineName: "other" })).not.toThrow();
  });

  test("may be had in each account and region, and in each stage that names none", () => {
    const app = anApp();
    for (const [id, env] of Object.entries({
      Ireland: place,
      Frankfurt: { ...place, region: "eu-central-1" },
      Elsewhere: { ...place, account: "444455556666" },
    }))
      expect(() => pipelineIn(new Stack(app, id, { env }))).not.toThrow();
    for (const id of ["Test", "Production"])
      expect(() => pipelineIn(new Stack(new Stage(app, id), "Orders"))).not.toThrow();
    expect(() => pipelineIn(new Stack(new Stage(app, "Late"), "Orders", { env: place }))).toThrow(
      refusal("pipeline-name-taken"),
    );
  });

  test("does not make two jobs of one that is kept in one place", () => {
    const app = anApp();
    pipelineIn(new Stack(app, "One"), { jobTable: "jobs" });
    const again = { jobTable: "jobs", pipelineName: "other" };
    expect(() => pipelineIn(new Stack(app, "Two"), again)).toThrow(refusal("job-kept-twice"));
  });
});

describe("a stream of another account", () => {
  const arn = "arn:aws:kinesis:eu-west-1:444455556666:stream/clicks";
  const stackWith = (props: Partial<MillracePipelineProps>, region = "eu-west-1") => {
    const env = { account: "111122223333", region };
    const stack = new Stack(new App({ context: withoutCode }), "Orders", { env });
    new MillracePipeline(stack, "Pipeline", { entry: ordersJob, ...props });
    return stack;
  };

  test("needs a policy: printed for the account, and then for the roles alone", () => {
    const stack = stackWith({ sources: { orders: arn } });
    Annotations.fromStack(stack).hasInfo(
      "/Orders/Pipeline",
      Match.stringLikeRegexp(
        '444455556666.*: \\{"Version".*"Principal":\\{"AWS":"111122223333"\\}.*kinesis:GetRecords.*\\}\\. The output',
      ),
    );
    const outputs = Template.fromStack(stack).findOutputs("*");
    const [policy, ...others] = Object.entries(outputs).filter(([id]) =>
      id.includes("StreamPolicy"),
    );
    expect(others).toEqual([]);
    const parts = policy![1]["Value"]["Fn::Join"][1] as readonly (string | object)[];
    const text = parts.map((part) => (typeof part === "string" ? part : "role")).join("");
    expect(JSON.parse(text)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: "role" },
          Action: expect.arrayContaining(["kinesis:GetRecords", "kinesis:ListShards"]) as unknown,
          Resource: arn,
        },
        {
          Effect: "Allow",
          Principal: { AWS: "role" },
          Action: ["kinesis:ListShards"],
          Resource: arn,
        },
      ],
    });
  });

  test("is called by its ARN", () => {
    const template = Template.fromStack(stackWith({ sources: { orders: arn } }));
    for (const fn of Object.values(propertiesOf(template, "AWS::Lambda::Function")))
      expect(fn["Environment"].Variables).toMatchObject({
        MILLRACE_STREAM_ARNS: JSON.stringify({ clicks: arn }),
      });
  });

  test("of a sink has to take records, and nothing else", () => {
    const stack = stackWith({ sinkStreams: { "revenue-changes": arn } });
    const outputs = JSON.stringify(Template.fromStack(stack).findOutputs("*"));
    expect(outputs).toContain(String.raw`\"Action\":[\"kinesis:PutRecords\"]`);
    expect(outputs).not.toContain("kinesis:GetRecords");
  });

  test("is not what a stream of the own account is", () => {
    const own = arn.replace("444455556666", "111122223333");
    const stack = stackWith({ sources: { orders: own } });
    expect(JSON.stringify(Template.fromStack(stack).findOutputs("*"))).not.toContain("2012-10-17");
  });

  test("is refused in another region", () => {
    expect(() => stackWith({ sources: { orders: arn } }, "us-east-1")).toThrow(
      refusal("stream-in-other-region"),
    );
  });
});
