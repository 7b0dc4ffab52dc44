import { accessSync, constants, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { deploymentError } from "../runtime/errors/millrace-error.ts";

export interface CdkPlaces {
  /** Folders whose `node_modules`, or those of a folder above, may have the CDK's command line. */
  readonly folders: readonly string[];
  /** As the variable PATH. */
  readonly path: string;
}

/**
 * The CDK's command line: that of the project, or else one on the PATH.
 * @throws deployment error `cdk-missing`
 */
export function findCdk({ folders, path }: CdkPlaces): string {
  const own = folders.flatMap(withParents).map((folder) => join(folder, "node_modules", ".bin"));
  const others = path.split(delimiter).filter((folder) => folder !== "");
  const found = [...own, ...others].map((folder) => join(folder, "cdk")).find(isProgram);
  if (found !== undefined) return found;
  throw deploymentError("cdk-missing", {
    message: `There is no "cdk" in node_modules/.bin of ${folders.join(" or ")} or above, nor on the PATH.`,
    next: "Add the CDK's command line to the project: npm install --save-dev aws-cdk@2",
  });
}

function withParents(folder: string): readonly string[] {
  const here = resolve(folder);
  const parent = dirname(here);
  return parent === here ? [here] : [here, ...withParents(parent)];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
