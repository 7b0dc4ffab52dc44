import { Stack, Validations } from "aws-cdk-lib";
import type { CfnBucket, Bucket } from "aws-cdk-lib/aws-s3";
import type { IConstruct } from "constructs";
import type { JobFunction } from "./functions.ts";

interface FindingHolders {
  readonly process: JobFunction;
  readonly coordinator: JobFunction;
  readonly bucket: Bucket;
  readonly job: string;
}

/**
 * What cdk-nag's rules (AwsSolutions and Serverless) find and we leave as it is, each with its reason; a test fails on every
 * other finding, and on every wildcard that AWS doesn't force.
 */
export function acknowledgeFindings({ process, coordinator, bucket, job }: FindingHolders): void {
  const bucketId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  const objects = (keys: string): string =>
    `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${keys}]`;
  const jobObjects =
    "The keys of the objects that a job writes carry slots and versions: they can't be listed ahead.";
  acknowledge(process.role, {
    [objects(`${job}/*`)]: jobObjects,
    [objects("aws/lambda/*")]:
      "Lambda names what it notes about a failed batch by mapping, shard and time.",
  });
  acknowledge(coordinator.role, {
    [objects(`${job}/*`)]: jobObjects,
    "AwsSolutions-IAM5[Resource::*]":
      "lambda:ListEventSourceMappings supports no resource but *; it only reads.",
  });
}

export function acknowledge(scope: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons))
    Validations.of(scope).acknowledge({ id, reason });
}
