import { Annotations, Match } from "aws-cdk-lib/assertions";
import { SecurityGroup, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { Key } from "aws-cdk-lib/aws-kms";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { beforeAll, describe, expect, test } from "vitest";
import type { MillracePipelineProps } from "../../../cdk/index.ts";
import { guardedProps } from "./guarded.ts";
import {
  type Properties,
  propertiesOf,
  type Statement,
  statementsOf,
  synthesize,
  type Synthesized,
} from "./synthesize.ts";

let guarded: Synthesized;
beforeAll(() => {
  guarded = synthesize(guardedProps);
});

const keyArn = { "Fn::GetAtt": [expect.stringMatching(/^Key/) as string, "Arn"] };
const all = (type: string): readonly Properties[] =>
  Object.values(propertiesOf(guarded.template, type));

describe("a key of one's own", () => {
  test("encrypts streams, tables, bucket, logs and the functions' variables", () => {
    for (const stream of all("AWS::Kinesis::Stream"))
      expect(stream["StreamEncryption"]).toEqual({ EncryptionType: "KMS", KeyId: keyArn });
    for (const table of all("AWS::DynamoDB::Table"))
      expect(table["SSESpecification"]).toEqual({
        SSEEnabled: true,
        SSEType: "KMS",
        KMSMasterKeyId: keyArn,
      });
    const [bucket] = all("AWS::S3::Bucket");
    expect(bucket!["BucketEncryption"].ServerSideEncryptionConfiguration).toEqual([
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: keyArn },
      },
    ]);
    for (const group of all("AWS::Logs::LogGroup")) expect(group["KmsKeyId"]).toEqual(keyArn);
    for (const fn of all("AWS::Lambda::Function")) expect(fn["KmsKeyArn"]).toEqual(keyArn);
    expect(all("AWS::Kinesis::Stream")).toHaveLength(3);
    expect(all("AWS::DynamoDB::Table")).toHaveLength(2);
    expect(all("AWS::Logs::LogGroup")).toHaveLength(2);
  });

  test("is the one key that both roles may use, and only to read and to write", () => {
    const about = statementsOf(guarded.template).filter((statement) =>
      JSON.stringify(statement.Action).includes("kms:"),
    );
    expect(about).toHaveLength(2);
    for (const statement of about)
      expect(statement).toMatchObject({
        Sid: "UseKey",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: keyArn,
      });
  });

  test("lets CloudWatch use it for the stack's log groups, and for no others", () => {
    const [key] = all("AWS::KMS::Key");
    const statements = key!["KeyPolicy"].Statement as readonly (Statement & Properties)[];
    const [logs] = statements.filter(({ Sid }) => Sid === "MillraceLogs");
    expect(JSON.stringify(logs!["Principal"])).toContain("logs.");
    expect(JSON.stringify(logs!["Condition"])).toContain(":log-group:Orders-*");
  });

  test("that another app makes needs a policy which this one can't write, and says so", () => {
    const arn = "arn:aws:kms:eu-west-1:111122223333:key/one";
    const { stack, template } = synthesize((scope) => ({
      encryptionKey: Key.fromKeyArn(scope, "Key", arn),
    }));
    Annotations.fromStack(stack).hasWarning(
      "/Orders/Pipeline",
      Match.stringLikeRegexp("policy must let logs\\..*kms:EncryptionContext:aws:logs:arn"),
    );
    const [stream] = Object.values(propertiesOf(template, "AWS::Kinesis::Stream"));
    expect(stream!["StreamEncryption"].KeyId).toBe(arn);
  });
});

describe("a network", () => {
  test("holds both functions, which nobody calls, and which call HTTPS only", () => {
    for (const fn of all("AWS::Lambda::Function"))
      expect(fn["VpcConfig"]).toMatchObject({
        SubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
      });
    const [group, ...others] = all("AWS::EC2::SecurityGroup");
    expect(others).toEqual([]);
    expect(group).not.toHaveProperty("SecurityGroupIngress");
    expect(group!["SecurityGroupEgress"]).toMatchObject([
      { IpProtocol: "tcp", FromPort: 443, ToPort: 443 },
    ]);
  });

  test("is managed by Lambda with the functions' roles, and not by the functions' code", () => {
    const statements = statementsOf(guarded.template) as readonly (Statement & Properties)[];
    const [allowed, ...allowedMore] = statements.filter(
      ({ Sid }) => Sid === "ManageNetworkInterfaces",
    );
    expect(allowedMore).toHaveLength(1);
    expect(JSON.stringify(allowed!.Resource)).toMatch(/:ec2:.*:\*\/\*"/);
    const [denied] = statements.filter(({ Sid }) => Sid === "DenyNetworkToCode");
    expect(denied).toMatchObject({
      Effect: "Deny",
      Condition: { Null: { "lambda:SourceFunctionArn": "false" } },
    });
    const [found] = statements.filter(({ Sid }) => Sid === "FindNetwork");
    expect([...(denied!.Action as string[])].toSorted()).toEqual(
      [...(allowed!.Action as string[]), ...(found!.Action as string[])].toSorted(),
    );
  });

  test("takes subnets and security groups that are given", () => {
    const { template } = synthesize((stack) => {
      const subnetType = SubnetType.PRIVATE_ISOLATED;
      const vpc = new Vpc(stack, "Network", {
        natGateways: 0,
        subnetConfiguration: [{ name: "Isolated", subnetType }],
      });
      return {
        vpc,
        vpcSubnets: { subnetType },
        securityGroups: [SecurityGroup.fromSecurityGroupId(stack, "Given", "sg-1")],
      };
    });
    for (const fn of Object.values(propertiesOf(template, "AWS::Lambda::Function"))) {
      expect(fn["VpcConfig"].SecurityGroupIds).toEqual(["sg-1"]);
      expect(JSON.stringify(fn["VpcConfig"].SubnetIds)).toContain("IsolatedSubnet");
    }
    expect(propertiesOf(template, "AWS::EC2::SecurityGroup")).toEqual({});
  });

  test.each<Partial<MillracePipelineProps>>([
    { vpcSubnets: { subnetType: SubnetType.PUBLIC } },
    { securityGroups: [] },
  ])("is asked for where only %o is given", (props) => {
    expect(() => synthesize(() => props)).toThrow(
      expect.objectContaining({ code: "vpc-missing", domain: "deployment" }),
    );
  });
});

describe("what is watched and kept", () => {
  test("traces both functions, and writes what is a warning or worse", () => {
    for (const fn of all("AWS::Lambda::Function")) {
      expect(fn["TracingConfig"]).toEqual({ Mode: "Active" });
      expect(fn["Environment"].Variables["MILLRACE_LOG_LEVEL"]).toBe("warn");
      // Lambda would take metrics for "info", and drop them.
      expect(fn["LoggingConfig"]).not.toHaveProperty("ApplicationLogLevel");
    }
  });

  test("has Lambda pass on what is written for debugging", () => {
    const { template } = synthesize(() => ({ logLevel: "debug" }));
    for (const fn of Object.values(propertiesOf(template, "AWS::Lambda::Function")))
      expect(fn["LoggingConfig"]).toMatchObject({ ApplicationLogLevel: "DEBUG" });
  });

  test("tells CloudWatch what the job's functions count only where that is asked for, since each metric costs", () => {
    const told = (props: Partial<MillracePipelineProps>): number => {
      const { template } = synthesize(() => props);
      return Object.values(propertiesOf(template, "AWS::Lambda::Function")).filter(
        ({ Environment }) => Environment.Variables["MILLRACE_USER_METRICS"] === "true",
      ).length;
    };
    expect([told({}), told({ userMetrics: true })]).toEqual([0, 1]);
  });

  test("protects tables and logs from being deleted", () => {
    for (const table of all("AWS::DynamoDB::Table"))
      expect(table).toMatchObject({ DeletionProtectionEnabled: true });
    for (const group of all("AWS::Logs::LogGroup"))
      expect(group).toMatchObject({ DeletionProtectionEnabled: true, RetentionInDays: 365 });
  });

  test("bounds every role", () => {
    const roles = all("AWS::IAM::Role");
    expect(roles).toHaveLength(3);
    for (const role of roles)
      expect(role["PermissionsBoundary"]).toBe("arn:aws:iam::111122223333:policy/Boundary");
  });
});

test.each([new AwsSolutionsChecks(), new ServerlessChecks()])(
  "cdk-nag finds nothing in a guarded pipeline that isn't acknowledged with a reason: $name",
  (pack) => {
    const { violations } = pack.validateScope(guarded.app);
    expect(violations.map(({ ruleName, description }) => `${ruleName}: ${description}`)).toEqual(
      [],
    );
  },
);
