import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join, parse, resolve } from "node:path";
import { readSynthesizedPlans, type SynthesizedPlan } from "../cdk/synthesized-plan.ts";
import type { CdkArguments } from "./cdk-arguments.ts";
import { findCdk } from "./cdk-program.ts";
import { quoted, runCdk } from "./run-cdk.ts";

const assemblies = join(".millrace", "cdk.out");

/**
 * Has a folder of this app and process for what the CDK synthesizes, as long as it is used: what is compared is what is deployed, and
 * the CDK refuses to synthesize where another one does.
 */
export async function withAssembly<T>(
  { app }: Pick<CdkArguments, "app">,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  mkdirSync(assemblies, { recursive: true });
  const folder = mkdtempSync(join(assemblies, `${parse(app).name}-`));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The CDK's command line of the project at hand, or of the app's. */
export function cdkOf({ app }: CdkArguments): string {
  const folders = [...new Set([process.cwd(), dirname(resolve(app))])];
  return findCdk({ folders, path: process.env["PATH"] ?? "" });
}

/** By which program, from where, and to where. */
export interface Synthesis {
  readonly cdk: string;
  readonly region: string;
  readonly folder: string;
}

/** Lets the CDK synthesize the app, with its context and whatever it looks up for it. Answers the CDK's exit code. */
export async function synthesizeByCdk(
  { app, stack, context }: CdkArguments,
  { cdk, region, folder }: Synthesis,
): Promise<number> {
  const how = [
    "--app",
    `${quoted(process.execPath)} ${quoted(app)}`,
    "--output",
    folder,
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
export function plansToDeploy(
  { stack, forCdk }: CdkArguments,
  folder: string,
): readonly SynthesizedPlan[] {
  const all = readSynthesizedPlans(folder);
  // The name may be a pattern, and the CDK takes more of them: rather too much is compared than too little.
  if (stack === undefined || /[*?{[]/.test(stack)) return all;
  return all.filter(({ stackIds }) =>
    stackIds.some((id) => id === stack || forCdk.some((argument) => argument === id)),
  );
}
