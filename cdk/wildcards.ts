import { Stack, Validations } from "aws-cdk-lib";
import type { Role } from "aws-cdk-lib/aws-iam";
import type { CfnBucket, Bucket } from "aws-cdk-lib/aws-s3";

/** The two wildcards that AWS leaves no way around, each with its reason; a test fails on every other one. */
export function acknowledgeWildcards({ process, coordinator, bucket }: WildcardHolders): void {
  const bucketId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  Validations.of(process).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/*]`,
    reason:
      "The keys of the objects that a job writes carry slots and versions: they can't be listed ahead.",
  });
  Validations.of(coordinator).acknowledge({
    id: "AwsSolutions-IAM5[Resource::*]",
    reason: "lambda:ListEventSourceMappings supports no resource but *; it only reads.",
  });
}

interface WildcardHolders {
  readonly process: Role;
  readonly coordinator: Role;
  readonly bucket: Bucket;
}
