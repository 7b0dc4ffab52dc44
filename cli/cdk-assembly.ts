import { rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readSynthesizedPlans, type SynthesizedPlan } from "../cdk/synthesized-plan.ts";
import type { CdkArguments } from "./cdk-arguments.ts";
import { findCdk } from "./cdk-program.ts";
import { quoted, runCdk } from "./run-cdk.ts";

/** Where the CDK leaves what it synthesizes: what is compared is what is deployed. */
export const assemblyFolder = join(".millrace", "cdk.out");

/** The CDK's command line of the project at hand, or of the app's. */
export function cdkOf({ app }: CdkArguments): string {
  const folders = [...new Set([process.cwd(), dirname(resolve(app))])];
  return findCdk({ folders, path: process.env["PATH"] ?? "" });
}

/**
 * Lets the CDK synthesize the app into an empty folder, with its context and whatever it looks up for it. Answers the CDK's
 * exit code.
 */
export async function synthesizeByCdk(
  cdk: string,
  { app, stack, context }: CdkArguments,
  region: string,
): Promise<number> {
  rmSync(assemblyFolder, { recursive: true, force: true });
  const how = [
    "--app",
    `${quoted(process.execPath)} ${quoted(app)}`,
    "--output",
    assemblyFolder,
    "--quiet",
  ];
  const options = context.flatMap((pair) => ["--context", pair]);
  return await runCdk(cdk, ["synth", ...onlyStack(stack), ...how, ...options], { region });
}

/** With --exclusively the CDK takes no other stack along, which nobody has looked at. */
export function onlyStack(stack: string | undefined): readonly string[] {
  return stack === undefined ? [] : [stack, "--exclusively"];
}

/** The plans of what will be deployed: of the stacks that were named, or else of all. */
export function plansToDeploy({ stack, forCdk }: CdkArguments): readonly SynthesizedPlan[] {
  const all = readSynthesizedPlans(assemblyFolder);
  // The name may be a pattern, and the CDK takes more of them: rather too much is compared than too little.
  if (stack === undefined || /[*?{[]/.test(stack)) return all;
  return all.filter(({ stackIds }) =>
    stackIds.some((id) => id === stack || forCdk.some((argument) => argument === id)),
  );
}
