import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { checkedRow, damagedStore } from "./row-checksum.ts";
import { columns, indexNames, type TableName } from "./sqlite-schema.ts";

/**
 * Files up to this size are read through when they are opened, which takes some tenths of a second at most: every process and
 * thread opens its own. Of larger ones rows are checked when they are read.
 */
const checkedMaxBytes = 16 * 1024 * 1024;
const tables = Object.keys(columns) as TableName[];

/** Whether the pages of a file hang together, and its indexes have what its tables have. @throws MillraceError `store-damaged` */
export function checkPages(database: DatabaseSync): void {
  const mode = database.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
  // In another mode SQLite would pass over what the write-ahead log holds.
  if (mode !== "wal") throw damagedStore(`its journal mode is ${String(mode)} instead of wal`);
  if (!isSmall(database)) return;
  const found = database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
  if (found !== "ok") throw damagedStore(String(found));
}

/**
 * Whether its tables are as they were made, and every row of a small file as it was written: a row whose key was damaged is not
 * found where it belongs, so that reading alone would take it for absent.
 * @throws MillraceError `store-damaged`
 */
export function checkContent(database: DatabaseSync): void {
  const id = database.prepare("PRAGMA application_id").get()?.["application_id"];
  if (id !== schemaChecksum(database)) throw damagedStore("its tables are not as they were made");
  if (!isSmall(database)) return;
  for (const table of tables)
    for (const row of database.prepare(`SELECT * FROM ${table}`).iterate()) checkedRow(table, row);
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
