import { RemovalPolicy, type Stack } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Vpc } from "aws-cdk-lib/aws-ec2";
import { ManagedPolicy } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { MillracePipelineProps } from "../../../cdk/index.ts";

/** Props as somebody chooses them who has to answer for data, keys and networks. */
export function guardedProps(stack: Stack): Partial<MillracePipelineProps> {
  const encryptionKey = new Key(stack, "Key", { enableKeyRotation: true });
  const vpc = Vpc.fromVpcAttributes(stack, "Network", {
    vpcId: "vpc-0123456789abcdef0",
    availabilityZones: ["us-east-1a", "us-east-1b"],
    privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  });
  const boundary = "arn:aws:iam::111122223333:policy/Boundary";
  return {
    encryptionKey,
    vpc,
    permissionsBoundary: ManagedPolicy.fromManagedPolicyArn(stack, "Boundary", boundary),
    tracing: true,
    logLevel: "warn",
    logRetention: RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN,
    deletionProtection: true,
    alarmActions: [new SnsAction(new Topic(stack, "OnCall", { enforceSSL: true }))],
  };
}
