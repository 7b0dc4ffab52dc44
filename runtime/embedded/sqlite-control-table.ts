import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ControlRow, ControlTable, JsonValue, PutCondition } from "../ports/control-table.ts";
import { checkedRow, type FoundRow, withChecksum } from "./row-checksum.ts";
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
      calling(database, () => {
        const found = row.get(partition, sort);
        return found && rowOf(found);
      }),

    list: (partition) =>
      calling(database, () =>
        // SQLite orders by UTF-8 bytes, which differs from code units beyond the basic plane.
        rows
          .all(partition)
          .map(rowOf)
          .sort((a, b) => (a.sort < b.sort ? -1 : 1)),
      ),

    put: ({ partition, sort, rank, value }, condition) =>
      calling(database, () => {
        const content = { partition, sort, rank, value: JSON.stringify(value) };
        const values = withChecksum("control", content);
        const over = condition.kind === "rank" ? { over: condition.rank } : {};
        if (writes[condition.kind].run({ ...values, ...over }).changes === 1)
          return { written: true };
        const found = row.get(partition, sort);
        return found === undefined ? { written: false } : { written: false, found: rowOf(found) };
      }),

    delete: ({ partition, sort, rank }) =>
      calling(database, () => {
        deletion.run(partition, sort, rank);
      }),
  };
}

/** One statement per condition, so that nobody comes between the condition and the write. */
function conditionalWrites(database: DatabaseSync): Record<PutCondition["kind"], StatementSync> {
  const insert = `INSERT INTO control (partition, sort, rank, value, checksum)
    VALUES (:partition, :sort, :rank, :value, :checksum)`;
  const replace = `${insert} ON CONFLICT DO UPDATE
    SET rank = excluded.rank, value = excluded.value, checksum = excluded.checksum`;
  return {
    always: database.prepare(replace),
    absent: database.prepare(`${insert} ON CONFLICT DO NOTHING`),
    forward: database.prepare(`${replace} WHERE control.rank < excluded.rank`),
    rank: database.prepare(`
      UPDATE control SET rank = :rank, value = :value, checksum = :checksum
      WHERE partition = :partition AND sort = :sort AND rank = :over`),
  };
}

function rowOf(found: FoundRow): ControlRow {
  const row = checkedRow("control", found);
  return {
    partition: row["partition"] as string,
    sort: row["sort"] as string,
    rank: row["rank"] as number,
    value: JSON.parse(row["value"] as string) as JsonValue,
  };
}
