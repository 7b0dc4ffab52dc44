import { statSync } from "node:fs";
import { join } from "node:path";
import { parseArguments, takeOne } from "./arguments.ts";
import { UsageError } from "./usage-error.ts";

const definitions = {
  stack: { type: "string" },
  context: { type: "string", multiple: true, default: [] as string[] },
} as const;

const deployDefinitions = {
  ...definitions,
  outputs: { type: "string", default: join(".millrace", "outputs.json") },
  "require-approval": { type: "string" },
  "restore-later": { type: "boolean", default: false },
  "allow-non-restored-state": { type: "boolean", default: false },
} as const;

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
export function deployArguments(args: readonly string[]): DeployArguments {
  const { own, forCdk } = splitArguments("deploy", args);
  const { values, positionals } = parseArguments(own, deployDefinitions);
  const { outputs, "require-approval": requireApproval } = values;
  return {
    ...sharedArguments("deploy", values, positionals),
    forCdk,
    outputs,
    ...(requireApproval === undefined ? {} : { requireApproval }),
    restoreLater: values["restore-later"],
    allowNonRestoredState: values["allow-non-restored-state"],
  };
}

/** @throws UsageError */
export function destroyArguments(args: readonly string[]): CdkArguments {
  const { own, forCdk } = splitArguments("destroy", args);
  const { values, positionals } = parseArguments(own, definitions);
  return { ...sharedArguments("destroy", values, positionals), forCdk };
}

function sharedArguments(
  command: string,
  { stack, context }: { readonly stack?: string | undefined; readonly context: readonly string[] },
  positionals: readonly string[],
) {
  const app = takeOne(command, positionals, "the file of a CDK app");
  if (statSync(app, { throwIfNoEntry: false })?.isFile() !== true)
    throw new UsageError(`there is no file ${app}; "millrace ${command}" needs that of a CDK app.`);
  return { app, context, ...(stack === undefined ? {} : { stack }) };
}

/** What would lead the CDK elsewhere than to what was compared, and what to say instead. */
const taken: readonly (readonly [option: RegExp, instead: string])[] = [
  [/^(--app|-a)(=|$)/, "give the app's file"],
  [/^(--output|-o)(=|$)/, "the assembly goes to a folder of its own in .millrace/cdk.out"],
  [/^(--outputs-file|-O)(=|$)/, "say --outputs before the --"],
  [/^(--context|-c)(=|$)/, "say --context before the --"],
  [/^--profile(=|$)/, "set AWS_PROFILE"],
];

function splitArguments(command: string, args: readonly string[]) {
  const at = args.indexOf("--");
  const forCdk = at < 0 ? [] : args.slice(at + 1);
  for (const argument of forCdk)
    for (const [option, instead] of taken)
      if (option.test(argument))
        throw new UsageError(
          `"millrace ${command}" does not hand ${argument} to the CDK: ${instead}.`,
        );
  return { own: at < 0 ? args : args.slice(0, at), forCdk };
}
