import { outcomeOf, ownedByOther, type RowInPlace } from "../connectors/row-order.ts";
import type { KeyedTable, RefusedWrite } from "../ports/keyed-table.ts";
import { checkWrite } from "../connectors/dynamodb-limits.ts";
import { keyText, refusalOf, rowOfText, rowText, sameKeyAs } from "./row-text.ts";

interface StoredRow extends RowInPlace {
  /** Absent for a tombstone. */
  readonly text: string | undefined;
}

/** Tables of results in this process's memory, kept for its life. A table is there once it is written to. */
export function memoryKeyedTable(): KeyedTable {
  const tables = new Map<string, Map<string, StoredRow>>();
  return {
    async write(table, writes, writer) {
      const rows = tables.get(table) ?? new Map<string, StoredRow>();
      tables.set(table, rows);
      const refused: RefusedWrite[] = [];
      let applied = 0;
      let faultOf: ReturnType<typeof sameKeyAs> | undefined;
      for (const [at, write] of writes.entries()) {
        const { key, row, order } = write;
        try {
          checkWrite(table, write);
          const text = keyText(key);
          faultOf ??= sameKeyAs(table, rows.keys().next().value ?? text);
          const fault = faultOf(key);
          if (fault !== undefined) {
            refused.push({ at, reason: fault });
            continue;
          }
          const inPlace = rows.get(text);
          const outcome = outcomeOf(writer, order, inPlace);
          if (outcome === "owned by another job")
            refused.push({ at, reason: ownedByOther(inPlace?.owner ?? "") });
          if (outcome !== "applied") continue;
          const { job: owner, incarnation } = writer;
          rows.set(text, { owner, incarnation, order, text: row && rowText(row) });
          applied++;
        } catch (thrown) {
          refused.push(refusalOf(thrown, at));
        }
      }
      const superseded = writes.length - applied - refused.length;
      return { applied, superseded, ...(refused.length > 0 && { refused }) };
    },

    async get(table, key) {
      const text = tables.get(table)?.get(keyText(key))?.text;
      return text === undefined ? undefined : rowOfText(text);
    },

    async *scan(table) {
      for (const { text } of tables.get(table)?.values() ?? []) {
        if (text !== undefined) yield rowOfText(text);
      }
    },
  };
}
