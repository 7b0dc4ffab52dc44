import { join } from "node:path";
import { Validations } from "aws-cdk-lib";
import { type Policy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Stream, StreamEncryption } from "aws-cdk-lib/aws-kinesis";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { beforeAll, describe, expect, test } from "vitest";
import { calledActions } from "./called-actions.ts";
import { listed } from "./listed-permissions.ts";
import {
  propertiesOf,
  relayJob,
  type Statement,
  statementsOf,
  synthesize,
  type Synthesized,
} from "./synthesize.ts";

let orders: Synthesized;
beforeAll(() => {
  orders = synthesize();
});

const polling =
  "kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:SubscribeToShard";

describe("the roles of a pipeline", () => {
  test("may do exactly this", () => {
    expect(listed(orders.template, "Process")).toEqual([
      "-: logs:CreateLogStream logs:PutLogEvents on ProcessLog",
      `ReadStreams: ${polling} on Streamsorders Exchange`,
      "SendFrames: kinesis:PutRecords on Exchange",
      "WriteSinkStreams: kinesis:PutRecords on Streamsrevenuechanges",
      "WriteResultTables: dynamodb:GetItem dynamodb:PutItem on Tablesrevenue",
      "JobTable: dynamodb:GetItem dynamodb:PutItem dynamodb:Query on JobTable",
      "ListBucket: s3:ListBucket on Bucket",
      "JobObjects: s3:GetObject s3:PutObject on Bucket/orders/*",
      "FailedBatches: s3:PutObject on Bucket/aws/lambda/*",
    ]);
    expect(listed(orders.template, "Coordinator")).toEqual([
      "-: logs:CreateLogStream logs:PutLogEvents on CoordinatorLog",
      "ListShards: kinesis:ListShards on Streamsorders Exchange",
      "PutTicks: kinesis:PutRecords on Exchange",
      "ControlRows: dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query on JobTable",
      "CheckTables: dynamodb:DescribeTable on Tablesrevenue",
      "ListBucket: s3:ListBucket on Bucket",
      "JobObjects: s3:DeleteObject s3:GetObject s3:PutObject on Bucket/orders/*",
      "InvokeSlots: lambda:InvokeFunction on Process",
      "CheckMappings: lambda:ListEventSourceMappings on *",
    ]);
  });

  test("have no wildcard but those that AWS forces: keys of objects, and one action that knows no resource", () => {
    const wildcards = statementsOf(orders.template).filter(({ Action, Resource }) =>
      JSON.stringify([Action, Resource]).includes("*"),
    );
    expect(wildcards.map(({ Sid }) => Sid).toSorted()).toEqual([
      "CheckMappings",
      "FailedBatches",
      "JobObjects",
      "JobObjects",
    ]);
  });

  test("allow what the functions call, and hardly more", async () => {
    const called = await calledActions();
    expect([...called.process].toSorted()).toEqual([
      "control: dynamodb:GetItem",
      "control: dynamodb:PutItem",
      "log: dynamodb:PutItem",
      "log: dynamodb:Query",
      "objects: s3:GetObject",
      "objects: s3:PutObject",
      "reader: kinesis:GetRecords",
      "reader: kinesis:ListShards",
      "tables: dynamodb:PutItem",
      "writer: kinesis:PutRecords",
    ]);
    expect([...called.coordinator].toSorted()).toEqual([
      "control: dynamodb:GetItem",
      "control: dynamodb:PutItem",
      "control: dynamodb:Query",
      "objects: s3:DeleteObject",
      "objects: s3:GetObject",
      "objects: s3:ListBucket",
      "objects: s3:PutObject",
      "reader: kinesis:ListShards",
      "writer: kinesis:PutRecords",
    ]);
  });

  test("have no policy of AWS's", () => {
    for (const role of Object.values(propertiesOf(orders.template, "AWS::IAM::Role")))
      expect(role).not.toHaveProperty("ManagedPolicyArns");
  });

  test("of a job with one stage know no exchange and no tables", () => {
    const { template } = synthesize(() => ({ entry: relayJob }));
    expect(listed(template, "Process")).toEqual([
      "-: logs:CreateLogStream logs:PutLogEvents on ProcessLog",
      `ReadStreams: ${polling} on Streamsin`,
      "WriteSinkStreams: kinesis:PutRecords on Streamsout",
      "JobTable: dynamodb:GetItem dynamodb:PutItem dynamodb:Query on JobTable",
      "ListBucket: s3:ListBucket on Bucket",
      "JobObjects: s3:GetObject s3:PutObject on Bucket/relay/*",
      "FailedBatches: s3:PutObject on Bucket/aws/lambda/*",
    ]);
    const sids = listed(template, "Coordinator").map((line) => line.split(":")[0]);
    expect(sids).not.toContain("PutTicks");
    expect(sids).not.toContain("CheckTables");
  });

  test("subscribe to their own consumers with enhanced fan-out", () => {
    const { template } = synthesize(() => ({ enhancedFanOut: true }));
    expect(listed(template, "Process")).toContain(
      "SubscribeConsumers: kinesis:DescribeStreamConsumer kinesis:SubscribeToShard on Consumersorders Consumersexchange",
    );
  });

  test("may use the key of a stream that is given, and no key otherwise", () => {
    expect(JSON.stringify(statementsOf(orders.template))).not.toContain("kms:");
    const { template } = synthesize((stack) => ({
      sources: {
        orders: new Stream(stack, "Given", {
          encryption: StreamEncryption.KMS,
          encryptionKey: new Key(stack, "Key"),
        }),
      },
    }));
    expect(listed(template, "Process")).toContain("-: kms:Decrypt on Key");
    expect(JSON.stringify(listed(template, "Coordinator"))).not.toContain("kms:");
  });

  test("take what a resource grants to the pipeline", () => {
    const { stack, pipeline } = synthesize();
    const principal = pipeline.grantPrincipal;
    expect(principal).toBe(pipeline.processFunction.role);
    expect(new Stream(stack, "More").grant(pipeline, "kinesis:PutRecord").success).toBe(true);
  });
});

describe("people and programs beside the job", () => {
  test("may read a job's checkpoints, or operate it", () => {
    const { pipeline, stack } = synthesize();
    const granted = (grant: "grantRead" | "grantOperate"): readonly string[] => {
      const assumedBy = new ServicePrincipal("ec2.amazonaws.com");
      const person = new Role(stack, grant, { assumedBy });
      pipeline[grant](person);
      const { document } = person.node.findChild("DefaultPolicy") as Policy;
      const { Statement: statements } = stack.resolve(document.toJSON()) as {
        readonly Statement: readonly Statement[];
      };
      return [...new Set(statements.flatMap(({ Action }) => Action))].toSorted();
    };
    expect(granted("grantRead")).toEqual([
      "dynamodb:GetItem",
      "dynamodb:Query",
      "logs:FilterLogEvents",
      "s3:GetObject",
      "s3:ListBucket",
    ]);
    expect(granted("grantOperate")).toEqual([
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "kinesis:ListShards",
      "logs:FilterLogEvents",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObject",
    ]);
  });
});

describe("cdk-nag's AwsSolutions and Serverless rules", () => {
  test.each([new AwsSolutionsChecks(), new ServerlessChecks()])(
    "find nothing that isn't acknowledged with a reason: $name",
    (pack) => {
      const { violations } = pack.validateScope(orders.app);
      const found = violations.map(({ ruleName, description }) => `${ruleName}: ${description}`);
      expect(found).toEqual([]);
    },
  );

  test.each(["flight-delays", "orders-dashboard"])(
    "find nothing in the stack of the example %s",
    (example) => {
      const entry = join(import.meta.dirname, "../../../examples", example, "job.ts");
      const { app } = synthesize(() => ({ entry }));
      for (const pack of [new AwsSolutionsChecks(), new ServerlessChecks()])
        expect(pack.validateScope(app).violations.map(({ ruleName }) => ruleName)).toEqual([]);
    },
  );

  test("would find a wildcard", () => {
    const { app, pipeline } = synthesize();
    pipeline.storage.bucket.grantRead(pipeline.processFunction);
    const { violations } = new AwsSolutionsChecks().validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName)).toContain(
      "AwsSolutions-IAM5[Action::s3:GetObject*]",
    );
  });

  test("are acknowledged with a reason each, on one resource each", () => {
    const key = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;
    const acknowledged = orders.app.node
      .findAll()
      .flatMap(({ node }) => node.metadata.filter(({ type }) => type === key));
    expect(acknowledged).toHaveLength(11);
  });
});
