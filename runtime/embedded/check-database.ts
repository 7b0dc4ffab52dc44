import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { readThrough } from "./read-through.ts";
import { damagedStore } from "./row-checksum.ts";
import { columns, indexNames, type TableName } from "./sqlite-schema.ts";

/**
 * Files up to this size are read through when they are opened, which takes some tenths of a second at most: every process and
 * thread opens its own. Of larger ones only the tables on which all the others hang; the rest is read through meanwhile.
 */
const checkedMaxBytes = 16 * 1024 * 1024;
const tables = Object.keys(columns) as TableName[];
/** They have a row for each slot or shard, however much has gone through these. */
const smallTables = ["control", "shard"] as const satisfies readonly TableName[];

/** Whether the pages of a file hang together, and its indexes have what its tables have. @throws MillraceError `store-damaged` */
export function checkPages(database: DatabaseSync): void {
  const mode = database.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
  // In another mode SQLite would pass over what the write-ahead log holds.
  if (mode !== "wal") throw damagedStore(`its journal mode is ${String(mode)} instead of wal`);
  for (const part of isSmall(database) ? ["1"] : smallTables) {
    const found = database.prepare(`PRAGMA integrity_check(${part})`).get()?.["integrity_check"];
    if (found !== "ok") throw damagedStore(String(found));
  }
}

/**
 * Whether its tables are as they were made, and every row as it was written: a row whose key was damaged is not found where it
 * belongs, so that reading alone would take it for absent. Answers what is left to do of a large file.
 * @throws MillraceError `store-damaged`, as the iterator that it answers does
 */
export function checkContent(database: DatabaseSync): Iterator<unknown> | undefined {
  const id = database.prepare("PRAGMA application_id").get()?.["application_id"];
  if (id !== schemaChecksum(database)) throw damagedStore("its tables are not as they were made");
  const isWhole = isSmall(database);
  const now = readThrough(database, isWhole ? tables : smallTables, { looksUp: false });
  while (now.next().done !== true);
  return isWhole ? undefined : readThrough(database, tables, { looksUp: true });
}

/** The header's number for applications holds a checksum of what the tables were made with. */
export function sealSchema(database: DatabaseSync): void {
  database.exec(`PRAGMA application_id = ${schemaChecksum(database)}`);
}

function schemaChecksum(database: DatabaseSync): number {
  const names = [...tables, ...indexNames].map((name) => `'${name}'`).join();
  const rows = database
    .prepare(`SELECT name, sql FROM sqlite_schema WHERE name IN (${names}) ORDER BY name`)
    .all();
  return crc32(JSON.stringify(rows)) | 0;
}

function isSmall(database: DatabaseSync): boolean {
  const sizeOf = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  return sizeOf("page_count") * sizeOf("page_size") <= checkedMaxBytes;
}
