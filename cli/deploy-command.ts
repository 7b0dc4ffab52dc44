import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { deployArguments, type DeployArguments } from "./cdk-arguments.ts";
import {
  cdkOf,
  onlyStack,
  plansToDeploy,
  type Synthesis,
  synthesizeByCdk,
  withAssembly,
} from "./cdk-assembly.ts";
import type { DeployGiven } from "./commands/deploy.ts";
import { runCdk } from "./run-cdk.ts";
import { UsageError } from "./usage-error.ts";

/** `millrace deploy`: to AWS by the CDK's command line, or to this machine. Answers the exit code. */
export async function deployCommand(given: DeployGiven): Promise<number> {
  checkMode(given);
  if (given.values.local) {
    const { deployLocally } = await import("./deploy-local.ts");
    return await deployLocally(given);
  }
  const deploying = deployArguments(given);
  const cdk = cdkOf(deploying);
  // The AWS SDK takes a while to load: only for those who need it.
  const { deploymentRegion } = await import("./deployment-identity.ts");
  const region = await deploymentRegion();
  return await withAssembly(deploying, (folder) => deployByCdk(deploying, { cdk, region, folder }));
}

const onlyLocal = ["environments", "poll-ms", "logs"] as const;
const onlyOnAws = ["require-approval", "restore-later", "allow-non-restored-state"] as const;

/** @throws UsageError where an option is of the other way to deploy. */
function checkMode({ values, behindDashes }: DeployGiven): void {
  const isGiven = (option: keyof typeof values): boolean =>
    values[option] !== undefined && values[option] !== false;
  const misplaced = (values.local ? onlyOnAws : onlyLocal).find(isGiven);
  if (misplaced !== undefined)
    throw new UsageError(
      values.local
        ? `--local and --${misplaced} exclude each other.`
        : `--${misplaced} goes with --local.`,
    );
  if (!values.local) return;
  if (values.context.length > 0) throw new UsageError("--local and --context exclude each other.");
  if (behindDashes.length > 0)
    throw new UsageError('with --local there is no CDK to hand anything to behind "--".');
}

async function deployByCdk(deploying: DeployArguments, synthesis: Synthesis): Promise<number> {
  const { cdk, region, folder } = synthesis;
  const synthesized = await synthesizeByCdk(deploying, synthesis);
  if (synthesized !== 0) return synthesized;
  const afterwards = await checkAll(deploying, synthesis);
  mkdirSync(dirname(deploying.outputs), { recursive: true });
  const exitCode = await runCdk(cdk, wordsForCdk(deploying, folder), { region });
  if (exitCode === 0) {
    afterwards.forEach(say);
    say(`what it does: millrace status --outputs ${deploying.outputs}`);
  }
  return exitCode;
}

/** Nothing is deployed unless all of it fits. Answers what is to be done after the deployment. */
async function checkAll(
  deploying: DeployArguments,
  { region, folder }: Synthesis,
): Promise<readonly string[]> {
  const { checkDeployed } = await import("./check-deployed.ts");
  const { checkConcurrency } = await import("./check-concurrency.ts");
  const plans = plansToDeploy(deploying, folder);
  const afterwards: string[] = [];
  for (const planned of plans) {
    const { before, after } = await checkDeployed({ ...deploying, planned, region });
    say(before);
    if (after !== undefined) afterwards.push(after);
  }
  await checkConcurrency({ plans, folder, region });
  return afterwards;
}

function wordsForCdk(deploying: DeployArguments, folder: string): readonly string[] {
  const { stack, outputs, requireApproval, forCdk } = deploying;
  return [
    "deploy",
    ...onlyStack(stack),
    "--app",
    folder,
    "--outputs-file",
    outputs,
    ...(requireApproval === undefined ? [] : ["--require-approval", requireApproval]),
    ...forCdk,
  ];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
