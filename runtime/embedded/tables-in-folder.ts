import { systemRandom } from "../node/system-environment.ts";
import { exchangeStreamOf } from "./job-world.ts";
import { checkStore, startedJobs } from "./jobs-in-folder.ts";
import { openDatabase } from "./sqlite-database.ts";

export interface TableInFolder {
  readonly table: string;
  /** Rows that are there: what was deleted leaves a tombstone, which is none. */
  readonly rows: number;
}

/** Tables of results that a folder holds, by name. @throws MillraceError `store-missing` */
export function tablesInFolder(dir: string): readonly TableInFolder[] {
  checkStore(dir);
  const database = openDatabase(dir, systemRandom);
  try {
    const found = database
      .prepare("SELECT name, count(content) AS rows FROM keyed GROUP BY name ORDER BY name")
      .all();
    return found.map(({ name, rows }) => ({ table: String(name), rows: Number(rows) }));
  } finally {
    database.close();
  }
}

/** Streams that a folder holds, by name, without the jobs' own. @throws MillraceError `store-missing` */
export function streamsInFolder(dir: string): readonly string[] {
  checkStore(dir);
  const database = openDatabase(dir, systemRandom);
  try {
    const found = database.prepare("SELECT DISTINCT stream FROM shard ORDER BY stream").all();
    const own = new Set(startedJobs(database).map((job) => exchangeStreamOf({ job })));
    return found.map(({ stream }) => String(stream)).filter((stream) => !own.has(stream));
  } finally {
    database.close();
  }
}

/** Names of the fields that are a table's key; undefined while no row was written to it. */
export function keyOfTableInFolder(dir: string, table: string): readonly string[] | undefined {
  checkStore(dir);
  const database = openDatabase(dir, systemRandom);
  try {
    const found = database.prepare("SELECT key FROM keyed WHERE name = ? LIMIT 1").get(table);
    if (found === undefined) return undefined;
    const entries = JSON.parse(String(found["key"])) as readonly (readonly [string, unknown])[];
    return entries.map(([name]) => name);
  } finally {
    database.close();
  }
}
