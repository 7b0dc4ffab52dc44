import { localAccount, localIdentity } from "../emulators/emulators.ts";
import type { ResourceNames, Template } from "./template.ts";

const region = localIdentity.AWS_REGION;

/** Names of a stack's resources where the template leaves them to CloudFormation: always the same ones, without a random end. */
export function resourceNames(stack: string, template: Template): Map<string, ResourceNames> {
  return new Map(
    Object.entries(template.Resources).map(([logicalId, { Type, Properties = {} }]) => {
      const own = Properties[nameProperty[Type] ?? ""];
      const made = `${stack}-${logicalId}`.slice(0, Type === "AWS::Lambda::Function" ? 64 : 128);
      const ref = typeof own === "string" ? own : made;
      return [logicalId, namesOf(Type, Type === "AWS::S3::Bucket" ? bucketName(ref) : ref)];
    }),
  );
}

export function namesOf(type: string, ref: string): ResourceNames {
  const place = (service: string): string => `arn:aws:${service}:${region}:${localAccount}`;
  const arns: Readonly<Record<string, string>> = {
    "AWS::Kinesis::Stream": `${place("kinesis")}:stream/${ref}`,
    "AWS::DynamoDB::Table": `${place("dynamodb")}:table/${ref}`,
    "AWS::S3::Bucket": `arn:aws:s3:::${ref}`,
    "AWS::Lambda::Function": `${place("lambda")}:function:${ref}`,
    "AWS::Logs::LogGroup": `${place("logs")}:log-group:${ref}:*`,
    "AWS::Scheduler::Schedule": `${place("scheduler")}:schedule/default/${ref}`,
  };
  return { ref, arn: arns[type] ?? `arn:aws:iam::${localAccount}:${ref}` };
}

const nameProperty: Readonly<Record<string, string>> = {
  "AWS::Kinesis::Stream": "Name",
  "AWS::DynamoDB::Table": "TableName",
  "AWS::S3::Bucket": "BucketName",
  "AWS::Lambda::Function": "FunctionName",
  "AWS::Scheduler::Schedule": "Name",
};

const bucketName = (name: string): string => name.toLowerCase().slice(0, 63);
