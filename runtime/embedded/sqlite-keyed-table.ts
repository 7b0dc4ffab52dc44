import type { DatabaseSync } from "node:sqlite";
import { ownedByOther } from "../connectors/row-order.ts";
import type { KeyedTable, KeyedWrite, RefusedWrite } from "../ports/keyed-table.ts";
import { checkWrite } from "../connectors/dynamodb-limits.ts";
import { keyText, refusalOf, rowOfText, rowText, sameKeyAs } from "./row-text.ts";
import { checkedRow, checksumOf } from "./row-checksum.ts";
import { calling, inTransaction } from "./sqlite-database.ts";

const pageRows = 500;

/** Tables of results in the table `keyed`, rows as JSON text. A table is there once it is written to. */
export function sqliteKeyedTable(database: DatabaseSync): KeyedTable {
  // protocol 9.1, as in connectors/row-order.ts.
  const write = database.prepare(`
    INSERT INTO keyed (name, key, generation, version, position, content, owner, incarnation, checksum)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET generation = excluded.generation, version = excluded.version,
      position = excluded.position, content = excluded.content, owner = excluded.owner,
      incarnation = excluded.incarnation, checksum = excluded.checksum
    WHERE CASE WHEN keyed.owner <> excluded.owner THEN ? ELSE
      (excluded.incarnation, excluded.generation, excluded.version, excluded.position)
      > (keyed.incarnation, keyed.generation, keyed.version, keyed.position) END`);
  const row = database.prepare("SELECT * FROM keyed WHERE name = ? AND key = ?");
  const first = database.prepare("SELECT * FROM keyed WHERE name = ? LIMIT 1");
  const page = database.prepare(`
    SELECT * FROM keyed WHERE name = ? AND key > ? ORDER BY key LIMIT ${pageRows}`);
  return {
    write: (table, writes, { job, incarnation, takesOver }) =>
      calling(database, () => {
        const refused: RefusedWrite[] = [];
        const rows = rowsOf(table, writes, refused);
        let applied = 0;
        const over = takesOver ? 1 : 0;
        const writeAll = () => {
          const inPlace = first.get(table);
          const tableKey = inPlace && (checkedRow("keyed", inPlace)["key"] as string);
          const faultOf = sameKeyAs(table, tableKey ?? rows[0]!.place.key);
          for (const { at, place, generation, version, position, content } of rows) {
            const fault = faultOf(writes[at]!.key);
            if (fault !== undefined) {
              refused.push({ at, reason: fault });
              continue;
            }
            const { name, key } = place;
            const values = [name, key, generation, version, position, content, job, incarnation];
            // In the order of the table's columns: by name, binding takes several times as long.
            const { changes } = write.run(...values, checksumOf(values), over);
            applied += Number(changes);
            if (changes !== 0) continue;
            // What is damaged must not be what a write was superseded by.
            const found = row.get(place.name, place.key);
            const other = found && checkedRow("keyed", found)["owner"];
            if (takesOver) continue;
            if (typeof other === "string" && other !== job)
              refused.push({ at, reason: ownedByOther(other) });
          }
        };
        if (rows.length > 0) inTransaction(database, writeAll);
        const superseded = writes.length - applied - refused.length;
        return { applied, superseded, ...(refused.length > 0 && { refused }) };
      }),

    get: (table, key) =>
      calling(database, () => {
        const found = row.get(table, keyText(key));
        const content = found && checkedRow("keyed", found)["content"];
        return typeof content === "string" ? rowOfText(content) : undefined;
      }),

    // Page by page: a statement left open over an await would keep the write-ahead log from shrinking.
    async *scan(table) {
      let after = "";
      for (;;) {
        const rows = await calling(database, () => page.all(table, after));
        for (const found of rows) {
          const { content } = checkedRow("keyed", found);
          if (typeof content === "string") yield rowOfText(content);
        }
        if (rows.length < pageRows) return;
        after = rows.at(-1)!["key"] as string;
      }
    },
  };
}

interface NumberedRow {
  /** Which of the writes of the call. */
  readonly at: number;
  readonly place: { readonly name: string; readonly key: string };
  readonly generation: number;
  readonly version: number;
  readonly position: number;
  /** `null`: a tombstone. */
  readonly content: string | null;
}

/** What can be stored at all; the others are added to `refused`. */
function rowsOf(
  table: string,
  writes: readonly KeyedWrite[],
  refused: RefusedWrite[],
): readonly NumberedRow[] {
  return writes.flatMap((keyed, at) => {
    const { key, row, order } = keyed;
    const { generation, version, index: position } = order;
    try {
      checkWrite(table, keyed);
      const place = { name: table, key: keyText(key) };
      return [{ at, place, generation, version, position, content: row ? rowText(row) : null }];
    } catch (thrown) {
      refused.push(refusalOf(thrown, at));
      return [];
    }
  });
}
