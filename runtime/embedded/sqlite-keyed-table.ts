import type { DatabaseSync } from "node:sqlite";
import type { KeyedTable, RefusedWrite } from "../ports/keyed-table.ts";
import { checkWrite } from "../connectors/dynamodb-limits.ts";
import { keyText, refusalOf, rowOfText, rowText } from "./row-text.ts";
import { calling, inTransaction } from "./sqlite-database.ts";

const pageRows = 500;

/** Tables of results in the table `keyed`, rows as JSON text. A table is there once it is written to. */
export function sqliteKeyedTable(database: DatabaseSync): KeyedTable {
  const write = database.prepare(`
    INSERT INTO keyed (name, key, generation, version, position, content) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET generation = excluded.generation, version = excluded.version,
      position = excluded.position, content = excluded.content
    WHERE (excluded.generation, excluded.version, excluded.position)
      > (keyed.generation, keyed.version, keyed.position)`);
  const row = database.prepare("SELECT content FROM keyed WHERE name = ? AND key = ?");
  const page = database.prepare(`
    SELECT key, content FROM keyed WHERE name = ? AND key > ? ORDER BY key LIMIT ${pageRows}`);
  return {
    write: (table, writes) =>
      calling(() => {
        const refused: RefusedWrite[] = [];
        const values = writes.flatMap((keyed, at) => {
          const { key, row: content, order } = keyed;
          const { generation, version, index } = order;
          try {
            checkWrite(table, keyed);
            const text = content === undefined ? null : rowText(content);
            return [[table, keyText(key), generation, version, index, text] as const];
          } catch (thrown) {
            refused.push(refusalOf(thrown, at));
            return [];
          }
        });
        if (values.length === 0)
          return { applied: 0, superseded: 0, ...(refused.length > 0 && { refused }) };
        const applied = inTransaction(database, () =>
          values.reduce((sum, value) => sum + Number(write.run(...value).changes), 0),
        );
        return {
          applied,
          superseded: values.length - applied,
          ...(refused.length > 0 && { refused }),
        };
      }),

    get: (table, key) =>
      calling(() => {
        const content = row.get(table, keyText(key))?.["content"];
        return typeof content === "string" ? rowOfText(content) : undefined;
      }),

    // Page by page: a statement left open over an await would keep the write-ahead log from shrinking.
    async *scan(table) {
      let after = "";
      for (;;) {
        const rows = await calling(() => page.all(table, after));
        for (const { content } of rows) {
          if (typeof content === "string") yield rowOfText(content);
        }
        if (rows.length < pageRows) return;
        after = rows.at(-1)!["key"] as string;
      }
    },
  };
}
