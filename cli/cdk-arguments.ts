import { statSync } from "node:fs";
import { defaultOutputs, type DeployGiven } from "./commands/deploy.ts";
import type { DestroyGiven } from "./commands/destroy.ts";
import { UsageError } from "./usage-error.ts";

/** What `deploy` and `destroy` have in common. */
export interface CdkArguments {
  /** File of the CDK app. */
  readonly app: string;
  /** Default: the CDK's own, which is the app's only stack. */
  readonly stack?: string;
  /** As the CDK's `--context`: `<key>=<value>` each. */
  readonly context: readonly string[];
  /** What stands behind `--`, for the CDK alone. */
  readonly forCdk: readonly string[];
}

export interface DeployArguments extends CdkArguments {
  readonly outputs: string;
  readonly requireApproval?: string;
  readonly restoreLater: boolean;
  readonly allowNonRestoredState: boolean;
}

/** @throws UsageError */
export function deployArguments(given: DeployGiven): DeployArguments {
  const { values } = given;
  const { outputs = defaultOutputs, "require-approval": requireApproval } = values;
  return {
    ...cdkArguments("deploy", given),
    outputs,
    ...(requireApproval === undefined ? {} : { requireApproval }),
    restoreLater: values["restore-later"],
    allowNonRestoredState: values["allow-non-restored-state"],
  };
}

/** @throws UsageError */
export function cdkArguments(
  command: string,
  { values: { stack, context }, args: [app], behindDashes }: DestroyGiven,
): CdkArguments {
  if (statSync(app, { throwIfNoEntry: false })?.isFile() !== true)
    throw new UsageError(`there is no file ${app}; "millrace ${command}" needs that of a CDK app.`);
  checkForCdk(command, behindDashes);
  return {
    app,
    context,
    forCdk: behindDashes,
    ...(stack === undefined ? {} : { stack }),
  };
}

/** What would lead the CDK elsewhere than to what was compared, and what to say instead. */
const taken: readonly (readonly [option: RegExp, instead: string])[] = [
  [/^(--app|-a)(=|$)/, "give the app's file"],
  [/^(--output|-o)(=|$)/, "the assembly goes to a folder of its own in .millrace/cdk.out"],
  [/^(--outputs-file|-O)(=|$)/, "say --outputs before the --"],
  [/^(--context|-c)(=|$)/, "say --context before the --"],
  [/^--profile(=|$)/, "set AWS_PROFILE"],
];

function checkForCdk(command: string, forCdk: readonly string[]): void {
  for (const argument of forCdk)
    for (const [option, instead] of taken)
      if (option.test(argument))
        throw new UsageError(
          `"millrace ${command}" does not hand ${argument} to the CDK: ${instead}.`,
        );
}
