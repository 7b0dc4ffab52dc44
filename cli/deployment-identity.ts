import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { deploymentError, messageOf } from "../runtime/errors/millrace-error.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The region that a deployment goes to where the app names none; the SDK has found credentials too.
 * @throws deployment errors `region-missing` and `credentials-missing`
 */
export async function deploymentRegion(variables: Variables = process.env): Promise<string> {
  // The CDK and the AWS CLI take it, the SDK doesn't.
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE } = variables;
  const set = [AWS_REGION, AWS_DEFAULT_REGION].find((each) => each !== undefined && each !== "");
  const client = new CloudFormationClient(set === undefined ? {} : { region: set });
  const profile = `the profile "${AWS_PROFILE === undefined || AWS_PROFILE === "" ? "default" : AWS_PROFILE}" in ~/.aws`;
  try {
    const region = await client.config.region().catch((cause: unknown) => {
      throw deploymentError("region-missing", {
        message: `No region is set: looked at AWS_REGION, AWS_DEFAULT_REGION and ${profile} (${messageOf(cause)}).`,
        next: "Set AWS_REGION, for example to eu-central-1.",
        cause,
      });
    });
    await client.config.credentials().catch((cause: unknown) => {
      throw deploymentError("credentials-missing", {
        message:
          `No credentials of AWS were found: looked at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ${profile} ` +
          `(keys, SSO, a role, a process), a web identity, and the metadata of container and instance (${messageOf(cause)}).`,
        next: "Sign in, for example with `aws sso login`, and name the profile in AWS_PROFILE; or set the two variables.",
        cause,
      });
    });
    return region;
  } finally {
    client.destroy();
  }
}
