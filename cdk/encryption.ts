import { Annotations, ArnFormat, Stack } from "aws-cdk-lib";
import { TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { StreamEncryption } from "aws-cdk-lib/aws-kinesis";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BucketEncryption } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

type Key = IKey | undefined;

/** The key that AWS keeps for Kinesis costs nothing, and callers need no grant on it. */
export const encryptedStream = (encryptionKey: Key) =>
  encryptionKey === undefined
    ? { encryption: StreamEncryption.MANAGED }
    : { encryption: StreamEncryption.KMS, encryptionKey };

/** DynamoDB encrypts every table, by default with a key of its own. */
export const encryptedTable = (encryptionKey: Key) =>
  encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey };

/** The bucket's own key of a while saves a call to KMS for each object. */
export const encryptedBucket = (encryptionKey: Key) =>
  encryptionKey === undefined
    ? { encryption: BucketEncryption.S3_MANAGED }
    : { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true };

/**
 * Logs are encrypted by CloudWatch itself and not in its caller's name, so the key's own policy has to let it: for the log groups whose names begin with the
 * stack's, which are those that CloudFormation names. The policy of a key that this app doesn't make is left to whoever does.
 */
export function letLogsUse(scope: Construct, key: Key): void {
  if (key === undefined) return;
  const stack = Stack.of(scope);
  const service = `logs.${stack.region}.amazonaws.com`;
  const arn = stack.formatArn({
    service: "logs",
    resource: "log-group",
    resourceName: `${stack.stackName}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const { statementAdded } = key.addToResourcePolicy(
    new PolicyStatement({
      sid: "MillraceLogs",
      principals: [new ServicePrincipal(service)],
      actions: [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
      ],
      resources: ["*"],
      conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": arn } },
    }),
  );
  if (statementAdded) return;
  Annotations.of(scope).addWarningV2(
    "millrace:key-policy",
    `encryptionKey is not made by this app. Its policy must let ${service} use it, with the condition ArnLike on kms:EncryptionContext:aws:logs:arn (${arn}), or the log groups can't be made.`,
  );
}
