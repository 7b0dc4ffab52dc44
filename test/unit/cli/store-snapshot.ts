import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Every row of every table and every object of an embedded store, so that two moments compare whole. */
export function storeSnapshot(dir: string): Readonly<Record<string, unknown>> {
  const snapshot: Record<string, unknown> = {};
  const database = new DatabaseSync(join(dir, "millrace.db"));
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  for (const { name } of tables) {
    const rows = database.prepare(`SELECT * FROM ${String(name)}`).all();
    snapshot[`table ${String(name)}`] = rows.map((row) => JSON.stringify(row)).sort();
  }
  database.close();
  for (const file of filesIn(join(dir, "objects")))
    snapshot[file] = createHash("sha256").update(readFileSync(file)).digest("hex");
  return snapshot;
}

export function filesIn(dir: string): readonly string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
