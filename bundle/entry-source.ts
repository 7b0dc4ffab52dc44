import { extname, join } from "node:path";
import { packageFolder } from "./package-folder.ts";

/**
 * What is made of a job: the function that processes, the function that coordinates, the functions of the API, which reads all that it knows of the
 * job, the plan (`export const plan`), or the bare job (`export default`) for a runner in another process.
 */
export type BundleKind = "process" | "coordinator" | "api" | "plan" | "embedded";

export interface EntrySource {
  readonly kind: BundleKind;
  /** Absolute path of the job's file. */
  readonly entry: string;
  /** The file's name for messages. */
  readonly shownAs: string;
  /** Name of the job. Default: the one that it gives itself. */
  readonly name?: string;
}

/** Source of the small module that is bundled: it imports the job and the one function that the kind needs. */
export function entrySource({ kind, entry, shownAs, name }: EntrySource): string {
  // It has none of the user's code in it.
  if (kind === "api")
    return [
      `import { createApiHandler } from ${inPackage("functions/api/aws-api")};`,
      `export const handler = createApiHandler();`,
    ].join("\n");
  const named = name === undefined ? "" : `, ${JSON.stringify(name)}`;
  return [
    `import * as entry from ${JSON.stringify(entry)};`,
    `import { jobOf } from ${inPackage("bundle/job-of")};`,
    ...bodyOf(kind, `jobOf(entry, ${JSON.stringify(shownAs)}${named})`),
  ].join("\n");
}

function bodyOf(kind: Exclude<BundleKind, "api">, job: string): readonly string[] {
  switch (kind) {
    case "process":
      return [
        `import { createProcessHandler } from ${inPackage("functions/aws-process")};`,
        `export const handler = createProcessHandler(${job});`,
      ];
    case "coordinator":
      return [
        `import { createCoordinatorHandler } from ${inPackage("functions/aws-coordinator")};`,
        `export const handler = createCoordinatorHandler(${job});`,
      ];
    case "plan":
      return [
        `import { buildPlan } from ${inPackage("runtime/planner/build-plan")};`,
        `export const plan = buildPlan(${job}.graph);`,
      ];
    case "embedded":
      return [`export default ${job};`];
  }
}

/** The package's own files, in TypeScript and when they were compiled. */
const inPackage = (path: string): string =>
  JSON.stringify(join(packageFolder, path + extname(import.meta.filename)));
