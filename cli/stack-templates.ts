import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { SynthesizedPlan } from "../cdk/synthesized-plan.ts";

export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

const fileEnd = ".template.json";

/** The template of a stack in a cloud assembly. */
export function stackTemplates(
  folder: string,
  { stackIds }: Pick<SynthesizedPlan, "stackIds">,
): readonly Template[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(fileEnd) && stackIds.includes(basename(file, fileEnd)))
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Template);
}

/** Concurrent executions that a template reserves for its functions. */
export function reservedIn({ Resources = {} }: Template): number {
  return Object.values(Resources)
    .filter(({ Type }) => Type === "AWS::Lambda::Function")
    .map(({ Properties = {} }) => Properties["ReservedConcurrentExecutions"])
    .reduce<number>((sum, value) => sum + (typeof value === "number" ? value : 0), 0);
}
