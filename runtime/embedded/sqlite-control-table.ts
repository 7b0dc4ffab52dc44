import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { ControlRow, ControlTable, JsonValue, PutCondition } from "../ports/control-table.ts";
import { calling } from "./sqlite-database.ts";

/** Control rows in the table `control`, the value as JSON text. */
export function sqliteControlTable(database: DatabaseSync): ControlTable {
  const row = database.prepare("SELECT * FROM control WHERE partition = ? AND sort = ?");
  const rows = database.prepare("SELECT * FROM control WHERE partition = ?");
  const deletion = database.prepare(
    "DELETE FROM control WHERE partition = ? AND sort = ? AND rank = ?",
  );
  const writes = conditionalWrites(database);
  return {
    get: ({ partition, sort }) =>
      calling(() => {
        const found = row.get(partition, sort);
        return found && rowOf(found);
      }),

    list: (partition) =>
      calling(() =>
        // SQLite orders by UTF-8 bytes, which differs from code units beyond the basic plane.
        rows
          .all(partition)
          .map(rowOf)
          .sort((a, b) => (a.sort < b.sort ? -1 : 1)),
      ),

    put: ({ partition, sort, rank, value }, condition) =>
      calling(() => {
        const values = [partition, sort, rank, JSON.stringify(value)] as const;
        const over = condition.kind === "rank" ? [condition.rank] : [];
        if (writes[condition.kind].run(...values, ...over).changes === 1) return { written: true };
        const found = row.get(partition, sort);
        return found === undefined ? { written: false } : { written: false, found: rowOf(found) };
      }),

    delete: ({ partition, sort, rank }) =>
      calling(() => {
        deletion.run(partition, sort, rank);
      }),
  };
}

/** One statement per condition, so that nobody comes between the condition and the write. */
function conditionalWrites(database: DatabaseSync): Record<PutCondition["kind"], StatementSync> {
  const insert = "INSERT INTO control (partition, sort, rank, value) VALUES (?, ?, ?, ?)";
  const replace = `${insert} ON CONFLICT DO UPDATE SET rank = excluded.rank, value = excluded.value`;
  return {
    always: database.prepare(replace),
    absent: database.prepare(`${insert} ON CONFLICT DO NOTHING`),
    forward: database.prepare(`${replace} WHERE control.rank < excluded.rank`),
    rank: database.prepare(`
      UPDATE control SET rank = ?3, value = ?4 WHERE partition = ?1 AND sort = ?2 AND rank = ?5`),
  };
}

const rowOf = (row: Record<string, SQLOutputValue>): ControlRow => ({
  partition: row["partition"] as string,
  sort: row["sort"] as string,
  rank: row["rank"] as number,
  value: JSON.parse(row["value"] as string) as JsonValue,
});
