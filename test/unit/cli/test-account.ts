import { join } from "node:path";
import type { CdkProject } from "./cdk-project.ts";
import type { StacksServer } from "./stacks-server.ts";

/** Variables of an account that nothing of this machine's leads to. */
export const testAccount = (
  { folder }: CdkProject,
  { url }: StacksServer,
): Record<string, string> => ({
  AWS_REGION: "eu-west-1",
  AWS_DEFAULT_REGION: "",
  AWS_PROFILE: "",
  AWS_ACCESS_KEY_ID: "AKIATEST",
  AWS_SECRET_ACCESS_KEY: "very-secret",
  AWS_CONFIG_FILE: join(folder, "none"),
  AWS_SHARED_CREDENTIALS_FILE: join(folder, "none"),
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_ENDPOINT_URL_CLOUDFORMATION: url,
  AWS_ENDPOINT_URL_LAMBDA: url,
});
