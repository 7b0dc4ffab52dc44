import { Validations } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { Stream, StreamEncryption } from "aws-cdk-lib/aws-kinesis";
import type { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { beforeAll, describe, expect, test } from "vitest";
import { propertiesOf, synthesize, type Properties, type Synthesized } from "./synthesize.ts";

let orders: Synthesized;
beforeAll(() => {
  orders = synthesize();
}, 60_000);

describe("the roles of a pipeline", () => {
  test("have no wildcard but the two that AWS forces", () => {
    const wildcards = statementsOf(orders.template).filter(({ Action, Resource }) =>
      JSON.stringify([Action, Resource]).includes("*"),
    );
    expect(wildcards.map(({ Sid, Action }) => [Sid, Action])).toEqual([
      ["Objects", ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]],
      ["CheckMappings", "lambda:ListEventSourceMappings"],
    ]);
  });

  test("have no policy of AWS's", () => {
    for (const role of Object.values(propertiesOf(orders.template, "AWS::IAM::Role")))
      expect(role).not.toHaveProperty("ManagedPolicyArns");
  });

  test("let the process function write each sink, and read no sink's stream", () => {
    const granted = bySid(orders.template);
    expect(JSON.stringify(granted["WriteStreams"]!["Resource"])).toMatch(/revenuechanges/);
    expect(JSON.stringify(granted["ReadStreams"]!["Resource"])).not.toMatch(/revenuechanges/);
    expect(granted["ResultTables"]!["Action"]).toEqual(["dynamodb:GetItem", "dynamodb:PutItem"]);
  });

  test("let the coordinator invoke the process function and nothing else", () => {
    const { InvokeSlots } = bySid(orders.template);
    expect(InvokeSlots).toMatchObject({
      Action: "lambda:InvokeFunction",
      Resource: { "Fn::GetAtt": [expect.stringMatching(/^PipelineProcess/), "Arn"] },
    });
  });

  test("may use the key of a stream that is given, and no key otherwise", () => {
    expect(bySid(orders.template)).not.toHaveProperty("UseKeys");
    const { template } = synthesize((stack) => ({
      sources: {
        orders: new Stream(stack, "Given", {
          encryption: StreamEncryption.KMS,
          encryptionKey: new Key(stack, "Key"),
        }),
      },
    }));
    expect(bySid(template)["UseKeys"]).toMatchObject({
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: { "Fn::GetAtt": [expect.stringMatching(/^Key/), "Arn"] },
    });
  }, 60_000);
});

describe("cdk-nag's AwsSolutions rules", () => {
  test("find nothing that isn't acknowledged with a reason", () => {
    const { violations } = new AwsSolutionsChecks().validateScope(orders.app);
    expect(violations.map(({ ruleName, description }) => `${ruleName}: ${description}`)).toEqual(
      [],
    );
  });

  test("would find a wildcard", () => {
    const { app, pipeline } = synthesize();
    pipeline.storage.bucket.grantRead(pipeline.processFunction);
    const { violations } = new AwsSolutionsChecks().validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName)).toContain(
      "AwsSolutions-IAM5[Action::s3:GetObject*]",
    );
  }, 60_000);

  test("are acknowledged with a reason each, on one resource each", () => {
    const key = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;
    const acknowledged = orders.app.node
      .findAll()
      .flatMap(({ node }) => node.metadata.filter(({ type }) => type === key));
    expect(acknowledged).toHaveLength(3);
  });
});

function statementsOf(template: Template): readonly Properties[] {
  return Object.values(propertiesOf(template, "AWS::IAM::Policy")).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );
}

function bySid(template: Template): Record<string, Properties> {
  return Object.fromEntries(
    statementsOf(template).map((statement) => [statement["Sid"], statement]),
  );
}
