import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readSynthesizedPlans } from "../cdk/synthesized-plan.ts";
import type { Template } from "./stack-templates.ts";

export interface RetainedResource {
  /** As CloudFormation calls it, such as `AWS::S3::Bucket`. */
  readonly type: string;
  readonly logicalId: string;
}

const fileEnd = ".template.json";

/** What an assembly's templates keep when their stack is deleted: of one stack, or of all. */
export function retainedResources(
  folder: string,
  stack: string | undefined,
): readonly RetainedResource[] {
  const ids = readSynthesizedPlans(folder)
    .map(({ stackIds }) => stackIds)
    .find((known) => stack !== undefined && known.includes(stack)) ?? [stack];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(fileEnd))
    .filter((file) => stack === undefined || ids.includes(basename(file, fileEnd)));
  return files.toSorted().flatMap((file) => retainedIn(join(folder, file)));
}

function retainedIn(file: string): readonly RetainedResource[] {
  const { Resources = {} } = JSON.parse(readFileSync(file, "utf8")) as Template;
  return Object.entries(Resources)
    .filter(([, { DeletionPolicy = "Delete" }]) => DeletionPolicy !== "Delete")
    .map(([logicalId, { Type: type }]) => ({ type, logicalId }));
}
