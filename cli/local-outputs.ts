import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { LocalDeployment } from "../localstack/index.ts";
import { isConnection } from "./deployment-outputs.ts";

/**
 * Writes a local stack's outputs as `cdk deploy --outputs-file` writes them, with where its emulators are beside each job's names.
 * Answers what removes them: once all is stopped they lead nowhere.
 */
export function writeLocalOutputs(
  file: string,
  stack: string,
  { outputs, variables }: Pick<LocalDeployment, "outputs" | "variables">,
): () => void {
  const entries = Object.entries(outputs).map(([id, value]) => [
    id,
    isConnection(id) ? JSON.stringify({ ...parsed(value), ...variables }) : value,
  ]);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ [stack]: Object.fromEntries(entries) as object }, undefined, 2)}\n`,
  );
  return () => rmSync(file, { force: true });
}

const parsed = (text: string): object => JSON.parse(text) as object;
