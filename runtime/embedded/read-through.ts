import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { checkedRow, damagedStore, type FoundRow } from "./row-checksum.ts";
import type { TableName } from "./sqlite-schema.ts";

/** By what a row is looked for, first by its place in the table and then through each index. */
const ways: Readonly<Record<TableName, readonly (readonly string[])[]>> = {
  log: [
    ["rowid"],
    ["job", "generation", "slot", "place"],
    ["job", "generation", "slot", "version"],
  ],
  control: [["partition", "sort"]],
  keyed: [["name", "key"]],
  shard: [["number"], ["stream", "shard_id"]],
  segment: [["rowid"], ["shard", "last"], ["shard", "arrival", "last", "first"]],
};

/** What is read before somebody else may have the processor: some milliseconds' work. */
const sliceMaxBytes = 1_048_576;
const sliceMaxRows = 1_000;

/**
 * Reads tables row by row and, where nobody else has seen to that, looks for each row by every way that leads to it. Pauses between slices, in which the tables may
 * change; a slice sees them as they are at one moment.
 * @throws MillraceError `store-damaged`
 */
export function* readThrough(
  database: DatabaseSync,
  tables: readonly TableName[],
  { looksUp }: { readonly looksUp: boolean },
): Generator<undefined, void> {
  for (const table of tables) {
    const readSlice = sliceReader(database, table, looksUp);
    for (let after: FoundRow | undefined; ;) {
      after = readSlice(after);
      if (after === undefined) break;
      yield;
    }
  }
}

/** Answers the last row of a slice that stands behind a row, or undefined at the end. */
function sliceReader(database: DatabaseSync, table: TableName, looksUp: boolean) {
  const [place = [], ...indexed] = ways[table];
  const isRowid = place[0] === "rowid";
  const selected = isRowid ? "rowid, *" : "*";
  const order = place.join();
  const first = database.prepare(`SELECT ${selected} FROM ${table} ORDER BY ${order}`);
  const next = database.prepare(
    `SELECT ${selected} FROM ${table} WHERE (${order}) > (${place.map(() => "?").join()}) ORDER BY ${order}`,
  );
  const lookups = (looksUp ? [place, ...indexed] : []).map((names) => {
    const condition = names.map((name) => `${name} = ?`).join(" AND ");
    return { names, found: database.prepare(`SELECT 1 FROM ${table} WHERE ${condition}`) };
  });
  const valuesOf = (row: FoundRow, names: readonly string[]) =>
    names.map((name) => row[name] as SQLInputValue);
  return (after: FoundRow | undefined): FoundRow | undefined => {
    const rows = after === undefined ? first.iterate() : next.iterate(...valuesOf(after, place));
    let [bytes, count] = [0, 0];
    for (const row of rows) {
      checkedRow(table, row);
      for (const { names, found } of lookups)
        if (found.get(...valuesOf(row, names)) === undefined)
          throw damagedStore(
            `a row of the table "${table}" is not found by its ${names.join(", ")}`,
          );
      for (const value of Object.values(row))
        if (value instanceof Uint8Array || typeof value === "string") bytes += value.length;
      count += 1;
      if (bytes >= sliceMaxBytes || count >= sliceMaxRows) return row;
    }
    return undefined;
  };
}
