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
import { runCdk } from "./run-cdk.ts";

/** `millrace deploy`: to AWS by the CDK's command line, or to this machine. Answers the exit code. */
export async function deployCommand(args: readonly string[]): Promise<number> {
  if (args.includes("--local")) {
    const { deployLocally } = await import("./deploy-local.ts");
    return await deployLocally(args);
  }
  const deploying = deployArguments(args);
  const cdk = cdkOf(deploying);
  // The AWS SDK takes a while to load: only for those who need it.
  const { deploymentRegion } = await import("./deployment-identity.ts");
  const region = await deploymentRegion();
  return await withAssembly(deploying, (folder) => deployByCdk(deploying, { cdk, region, folder }));
}

async function deployByCdk(deploying: DeployArguments, synthesis: Synthesis): Promise<number> {
  const { cdk, region, folder } = synthesis;
  const synthesized = await synthesizeByCdk(deploying, synthesis);
  if (synthesized !== 0) return synthesized;
  const afterwards = await checkAll(deploying, synthesis);
  mkdirSync(dirname(deploying.outputs), { recursive: true });
  const exitCode = await runCdk(cdk, cdkArguments(deploying, folder), { region });
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

function cdkArguments(deploying: DeployArguments, folder: string): readonly string[] {
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
