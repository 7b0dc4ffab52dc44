import { ArnFormat, Stack } from "aws-cdk-lib";
import {
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
} from "aws-cdk-lib/aws-ec2";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";

/** Where both functions run, as a function of the CDK takes it; nothing for Lambda's own network. */
export interface FunctionNetwork {
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

/** @throws deployment error `vpc-missing` where subnets or security groups are given without their network. */
export function networkOf(scope: Construct, settings: PipelineSettings): FunctionNetwork {
  const { vpcSubnets, securityGroups } = settings;
  const vpc = settings.vpc as IVpc | undefined;
  if (vpc === undefined) {
    if (vpcSubnets === undefined && securityGroups === undefined) return {};
    throw deploymentError("vpc-missing", {
      message: `${vpcSubnets === undefined ? "securityGroups" : "vpcSubnets"} is given without vpc.`,
      next: "Give the network that they belong to as vpc, or leave them out.",
    });
  }
  return {
    vpc,
    ...(vpcSubnets && { vpcSubnets }),
    securityGroups: [...(securityGroups ?? [callsHttpsOnly(scope, vpc)])],
  };
}

function callsHttpsOnly(scope: Construct, vpc: IVpc): SecurityGroup {
  const group = new SecurityGroup(scope, "SecurityGroup", {
    vpc,
    description: "Millrace: both functions call AWS, and nobody calls them",
    allowAllOutbound: false,
  });
  group.addEgressRule(Peer.anyIpv4(), Port.HTTPS, "the services' endpoints");
  return group;
}

const describing = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"];
const changing = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:UnassignPrivateIpAddresses",
];

/**
 * What Lambda itself does with a function's role to connect it to a network, and what the function's code therefore must not do: the key of the
 * condition is there only in calls of the code (AWS Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC").
 */
export function networkStatements(
  scope: Construct,
  { vpc }: PipelineSettings,
): readonly PolicyStatement[] {
  if (vpc === undefined) return [];
  const interfaces = Stack.of(scope).formatArn({
    service: "ec2",
    resource: "*",
    resourceName: "*",
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  return [
    // AWS lets these be granted on everything only.
    new PolicyStatement({ sid: "FindNetwork", actions: describing, resources: ["*"] }),
    new PolicyStatement({
      sid: "ManageNetworkInterfaces",
      actions: changing,
      resources: [interfaces],
    }),
    new PolicyStatement({
      sid: "DenyNetworkToCode",
      effect: Effect.DENY,
      actions: [...describing, ...changing],
      resources: ["*"],
      conditions: { Null: { "lambda:SourceFunctionArn": "false" } },
    }),
  ];
}
