import { Stack } from "aws-cdk-lib";
import { CfnBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { JobBucket } from "./props.ts";

/**
 * A job deletes what it doesn't need by reference (protocol 6.8): what a rule deletes by age, state may still need. Of a bucket that
 * another app makes nothing is known.
 * @throws deployment error `bucket-expires-objects`
 */
export function checkJobBucket(bucket: JobBucket, job: string): void {
  if (!Construct.isConstruct(bucket)) return;
  const { defaultChild } = bucket.node;
  if (!(defaultChild instanceof CfnBucket)) return;
  const lifecycle = Stack.of(bucket).resolve(defaultChild.lifecycleConfiguration) as
    | { readonly rules?: readonly Rule[] }
    | undefined;
  const rule = lifecycle?.rules?.find((each) => deletesCurrent(each) && isAbout(each, job));
  if (rule === undefined) return;
  throw deploymentError("bucket-expires-objects", {
    message: `The bucket that is given for the job "${job}" has a rule that deletes current objects by age${rule.prefix === undefined ? "" : ` below "${rule.prefix}"`}: the job's state would go with them.`,
    next: `Take the rule away, or keep it from "${job}/": the job collects its own garbage.`,
  });
}

/** As constructs hold it. */
interface Rule {
  readonly status?: string;
  readonly prefix?: string;
  readonly expirationInDays?: number;
  readonly expirationDate?: unknown;
}

const deletesCurrent = ({ status, expirationInDays, expirationDate }: Rule): boolean =>
  status !== "Disabled" && (expirationInDays !== undefined || expirationDate !== undefined);

function isAbout({ prefix = "" }: Rule, job: string): boolean {
  return `${job}/`.startsWith(prefix) || prefix.startsWith(`${job}/`);
}
