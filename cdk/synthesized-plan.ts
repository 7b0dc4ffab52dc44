import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../runtime/plan/plan.ts";

/** What the construct leaves beside the templates: what will run, for whoever compares it with what does. */
export interface SynthesizedPlan {
  readonly format: 1;
  /** Name of the stack in CloudFormation. */
  readonly stack: string;
  /** Where it goes; absent where the environment of the deployment is to say. */
  readonly region?: string;
  /** Names by which the CDK's command line knows the stack, its path included. */
  readonly stackIds: readonly string[];
  /** Key of the stack's output that tells where the job is. */
  readonly connectionOutput: string;
  /** The job's file, as the construct was given it. */
  readonly entry: string;
  readonly allowNonRestoredState: boolean;
  readonly plan: Plan;
}

const fileEnd = ".millrace-plan.json";

/** Writes one file into a cloud assembly; `id` is unique within it. */
export function writeSynthesizedPlan(
  { folder, id }: { readonly folder: string; readonly id: string },
  synthesized: SynthesizedPlan,
): void {
  writeFileSync(join(folder, `${id}${fileEnd}`), JSON.stringify(synthesized));
}

/** All plans of a cloud assembly, those of its stages' assemblies included. */
export function readSynthesizedPlans(folder: string): readonly SynthesizedPlan[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(fileEnd))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as SynthesizedPlan);
}
