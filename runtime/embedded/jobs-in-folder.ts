import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { storeError } from "../errors/millrace-error.ts";
import { keyPartOf } from "./object-path.ts";
import { openDatabase } from "./sqlite-database.ts";
import { systemRandom } from "../node/system-environment.ts";

/** Whether a folder holds an embedded store. */
function isStore(dir: string): boolean {
  return existsSync(join(dir, "millrace.db"));
}

/** @throws MillraceError `store-missing` where the folder holds no embedded store: nothing is made. */
export function checkStore(dir: string): void {
  if (isStore(dir)) return;
  throw storeError("store-missing", {
    message: existsSync(dir)
      ? `The folder "${dir}" holds no job: it has no millrace.db.`
      : `There is no folder "${dir}".`,
    next: "Name the folder that `millrace dev --dir` was given.",
  });
}

/** Jobs that have run in a folder, or whose savepoints were copied there, by name. */
export async function jobsInFolder(dir: string): Promise<readonly string[]> {
  checkStore(dir);
  const database = openDatabase(dir, systemRandom);
  try {
    return [...new Set([...startedJobs(database), ...(await jobsWithObjects(dir))])].toSorted();
  } finally {
    database.close();
  }
}

/** Jobs that have run. */
export function startedJobs(database: DatabaseSync): readonly string[] {
  const rows = database
    .prepare("SELECT partition FROM control WHERE sort = 'generation' AND partition LIKE '%#job'")
    .all();
  return rows.map(({ partition }) => String(partition).slice(0, -"#job".length));
}

async function jobsWithObjects(dir: string): Promise<readonly string[]> {
  const objects = join(dir, "objects");
  if (!existsSync(objects)) return [];
  const found = await readdir(objects, { withFileTypes: true });
  return found
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => keyPartOf(name, { isFolder: true, names: "marked" }).slice(0, -1))
    .filter((job) => existsSync(join(objects, job, "manifests")));
}
