import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { isNamed } from "../../runtime/aws/aws-errors.ts";
import { messageOf } from "../../runtime/errors/millrace-error.ts";
import { readableDuration } from "../readable.ts";
import { type Finding, ok, skipped } from "./finding.ts";

export interface Identity {
  readonly findings: readonly Finding[];
  /** Where and as whom AWS can be asked; absent where it can't. */
  readonly region?: string;
  readonly hasCredentials: boolean;
}

/** Region and credentials, as the AWS SDK finds them. Neither is needed on this machine. */
export async function checkIdentity(wanted: string | undefined): Promise<Identity> {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  // The CDK and the AWS CLI take the last, the SDK doesn't.
  const set = [wanted, AWS_REGION, AWS_DEFAULT_REGION].find(
    (each) => each !== undefined && each !== "",
  );
  const client = new CloudFormationClient(set === undefined ? {} : { region: set });
  try {
    const region = await client.config.region().catch(() => undefined);
    const credentials = await client.config.credentials().catch(firstLine);
    const key = typeof credentials === "string" ? undefined : credentials.accessKeyId;
    const findings: readonly Finding[] = [
      key === undefined
        ? {
            name: "credentials",
            state: "note",
            message: `there are none of AWS (${String(credentials)}); jobs run on this machine without`,
            next: "To deploy, sign in, for example with `aws sso login`, and name the profile in AWS_PROFILE.",
          }
        : ok("credentials", `the key that begins with ${key.slice(0, 4)}`),
      region === undefined
        ? {
            name: "region",
            state: key === undefined ? "note" : "failed",
            message: "none is set",
            next: "Set AWS_REGION, for example to eu-central-1.",
          }
        : ok("region", region),
    ];
    return {
      findings,
      ...(region === undefined ? {} : { region }),
      hasCredentials: key !== undefined,
    };
  } finally {
    client.destroy();
  }
}

/** What services call it when nobody may sign with such a key, or not any more. */
const faultsOfKeys = [
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidAccessKeyId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "ExpiredToken",
  "ExpiredTokenException",
];

/** The credentials that were found, if AWS refused them: what was thrown tells. */
export function refusedCredentials(thrown: readonly unknown[]): Finding | undefined {
  const causes = thrown.map((each) => (each instanceof Error ? (each.cause ?? each) : each));
  const fault = causes.find((cause) => faultsOfKeys.some((name) => isNamed(cause, name)));
  if (fault === undefined) return undefined;
  return {
    name: "credentials",
    state: "failed",
    message: `AWS refuses them (${firstLine(fault)})`,
    next: "Sign in again, for example with `aws sso login`; see that AWS_PROFILE names the right profile.",
  };
}

const firstLine = (thrown: unknown): string => messageOf(thrown).split("\n", 1)[0] ?? "";

/** AWS refuses what was signed more than five minutes before or after (AWS General Reference, "Signature Version 4"). */
const refusedMs = 300_000;
const noticedMs = 30_000;
const patienceMs = 5_000;

/** Compares this machine's clock with the time that AWS's answers say. Needs no credentials. */
export async function checkClock(region: string, nowMs: () => number): Promise<Finding> {
  const name = "clock";
  let date: string | null;
  const sentMs = nowMs();
  try {
    const answer = await fetch(await endpointIn(region), {
      signal: AbortSignal.timeout(patienceMs),
    });
    date = answer.headers.get("date");
  } catch (thrown) {
    return skipped(name, `AWS could not be reached (${causeOf(thrown)})`);
  }
  const theirsMs = Date.parse(date ?? "");
  if (Number.isNaN(theirsMs)) return skipped(name, "the answer of AWS has no time");
  const offMs = (sentMs + nowMs()) / 2 - theirsMs;
  const message = `${readableDuration(Math.abs(offMs))} ${offMs < 0 ? "behind" : "ahead of"} that of AWS`;
  if (Math.abs(offMs) < noticedMs) return ok(name, message);
  const next = "Let the system set its clock by NTP, for example with `timedatectl set-ntp true`.";
  return { name, state: Math.abs(offMs) < refusedMs ? "note" : "failed", message, next };
}

async function endpointIn(region: string): Promise<URL> {
  const { AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL } = process.env;
  const own = [AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL].find(
    (url) => url !== undefined && url !== "",
  );
  if (own !== undefined) return new URL(own);
  const client = new LambdaClient({ region });
  try {
    return client.config.endpointProvider({ Region: region }).url;
  } finally {
    client.destroy();
  }
}

const causeOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.cause !== undefined
    ? messageOf(thrown.cause)
    : messageOf(thrown);
