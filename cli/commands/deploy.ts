import { join } from "node:path";
import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, flag, optional, repeated, wholeNumber } from "../definition/option.ts";

/** What `deploy` and `destroy` have in common. */
export const cdkOptions = {
  stack: optional(
    "name",
    "only this stack, without those that it depends on (default: the only one)",
    anyText,
  ),
  context: repeated("key=value", "as of the CDK; repeat it for several", anyText),
};
export const cdkArgs = [argument("app.ts", "the file of a CDK app")] as const;

export const defaultOutputs = join(".millrace", "outputs.json");
/** Of its own: what leads to an account is not written over. */
export const localOutputs = join(".millrace", "outputs.local.json");
export const defaultLogs = join(".millrace", "logs");
export const defaultEnvironments = 3;
/** As Lambda does. */
export const defaultPollMs = 1_000;

const options = {
  ...cdkOptions,
  outputs: optional(
    "file",
    `gets the outputs of the stacks (default: ${defaultOutputs}, and with --local ${localOutputs})`,
    anyText,
  ),
  "require-approval": optional("when", "as of the CDK: never, any-change or broadening", anyText),
  "allow-non-restored-state": flag(
    "the state of operators that the job does not have any more may be left behind",
  ),
  "restore-later": flag(
    "deploy a job with another plan though the deployed one runs: it stands still until restored",
  ),
  local: flag("run the stack on this machine, against emulators of AWS, until Ctrl-C"),
  environments: optional(
    "n",
    `with --local: environments of each function at most (default: ${defaultEnvironments})`,
    wholeNumber({ min: 1, max: 100 }),
  ),
  "poll-ms": optional(
    "ms",
    `with --local: how often an empty shard is asked (default: ${defaultPollMs}, as Lambda does)`,
    wholeNumber({ min: 1, max: 60_000 }),
  ),
  logs: optional(
    "folder",
    `with --local: where the functions' logs go (default: ${defaultLogs})`,
    anyText,
  ),
};

export type DeployGiven = Given<typeof options, typeof cdkArgs>;

export const deploy = defineCommand({
  brief: "deploy a CDK app to AWS, if its jobs can go on from what is deployed",
  options,
  args: cdkArgs,
  behindDashes: { placeholder: "arguments", brief: 'more for "cdk deploy", such as -- --force' },
  notes: [
    "By the command line of the CDK: npm install --save-dev aws-cdk@2. Region and credentials are found as the AWS SDK does, by AWS_REGION and AWS_PROFILE for example.",
    "The plan that was synthesized is compared with the newest state of the deployed job, before anything is changed.",
    "With --local the emulators are those that AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_KINESIS, _DYNAMODB, _S3 and _CLOUDFORMATION lead to, or some of its own; all must be on this machine.",
  ],
  examples: [
    { line: "app.ts", effect: "deploys the app's stack to AWS" },
    {
      line: "app.ts --local",
      effect: `runs the app's stack on this machine; "millrace status --outputs ${localOutputs}" shows its job`,
    },
    { line: "app.ts -- --force", effect: "hands --force to the CDK" },
  ],
  load: async () => (await import("../deploy-command.ts")).deployCommand,
});
