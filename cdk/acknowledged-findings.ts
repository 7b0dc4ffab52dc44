import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { PipelineApi } from "./api.ts";
import type { JobFunction } from "./functions.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";
import type { JobBucket } from "./props.ts";

interface FindingHolders {
  readonly process: JobFunction;
  readonly coordinator: JobFunction;
  readonly api?: PipelineApi | undefined;
  readonly bucket: JobBucket;
  readonly job: string;
  readonly settings: PipelineSettings;
}

/**
 * What cdk-nag's rules (AwsSolutions and Serverless) find and we leave as it is, each with its reason; a test fails on every
 * other finding, and on every wildcard that AWS doesn't force.
 */
export function acknowledgeFindings(holders: FindingHolders): void {
  const { process, coordinator, api, bucket, job, settings } = holders;
  const arn = asFound(Stack.of(process.role), bucket.bucketArn);
  const objects = (keys: string): string => `AwsSolutions-IAM5[Resource::${arn}/${keys}]`;
  const jobObjects =
    "The keys of the objects that a job writes carry slots and versions: they can't be listed ahead.";
  acknowledge(process.role, {
    [objects(`${job}/*`)]: jobObjects,
    [objects("aws/lambda/*")]:
      "Lambda names what it notes about a failed batch by mapping, shard and time.",
  });
  const asked = [api?.reads, api?.writes].filter((one) => one !== undefined);
  for (const { role } of asked) acknowledge(role, { [objects(`${job}/*`)]: jobObjects });
  for (const { role } of [process, coordinator, ...asked])
    acknowledge(role, forcedWildcards(role, settings));
  acknowledge(coordinator.role, {
    [objects(`${job}/*`)]: jobObjects,
    "AwsSolutions-IAM5[Resource::*]":
      "lambda:ListEventSourceMappings supports no resource but *; it only reads.",
  });
}

/** Actions of Lambda's and X-Ray's that know no resource. */
function forcedWildcards(
  role: IConstruct,
  { vpc, tracing }: PipelineSettings,
): Readonly<Record<string, string>> {
  const stack = Stack.of(role);
  const [partition, region, account] = [stack.partition, stack.region, stack.account].map((part) =>
    asFound(stack, part),
  );
  return {
    ...((vpc !== undefined || tracing) && {
      "AwsSolutions-IAM5[Resource::*]":
        "AWS knows no resource for what describes networks, puts traces or lists mappings.",
    }),
    ...(vpc !== undefined && {
      [`AwsSolutions-IAM5[Resource::arn:${partition}:ec2:${region}:${account}:*/*]`]:
        "Lambda names its network interfaces itself; code of the function is denied all of it.",
    }),
  };
}

/** What is known at deployment only stands in a finding by its name. */
function asFound(stack: Stack, part: string): string {
  const shown = (resolved: Resolved): string => {
    if (typeof resolved === "string") return resolved;
    if ("Fn::Join" in resolved) return resolved["Fn::Join"][1].map(shown).join("");
    return `<${"Ref" in resolved ? resolved.Ref : resolved["Fn::GetAtt"].join(".")}>`;
  };
  return shown(stack.resolve(part) as Resolved);
}

type Resolved =
  | string
  | { readonly Ref: string }
  | { readonly "Fn::GetAtt": readonly [string, string] }
  | { readonly "Fn::Join": readonly [string, readonly Resolved[]] };

export function acknowledge(scope: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons))
    Validations.of(scope).acknowledge({ id, reason });
}
