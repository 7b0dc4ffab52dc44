import type { KeyedTable, RefusedWrite, WriteOrder } from "../ports/keyed-table.ts";
import { checkWrite } from "../connectors/dynamodb-limits.ts";
import { keyText, refusalOf, rowOfText, rowText } from "./row-text.ts";

interface StoredRow {
  readonly order: WriteOrder;
  /** Absent for a tombstone. */
  readonly text: string | undefined;
}

/** Tables of results in this process's memory, kept for its life. A table is there once it is written to. */
export function memoryKeyedTable(): KeyedTable {
  const tables = new Map<string, Map<string, StoredRow>>();
  return {
    async write(table, writes) {
      const rows = tables.get(table) ?? new Map<string, StoredRow>();
      tables.set(table, rows);
      const refused: RefusedWrite[] = [];
      let applied = 0;
      for (const [at, write] of writes.entries()) {
        const { key, row, order } = write;
        try {
          checkWrite(table, write);
          const [text, stored] = [keyText(key), { order, text: row && rowText(row) }];
          const inPlace = rows.get(text);
          if (inPlace !== undefined && !isAbove(order, inPlace.order)) continue;
          rows.set(text, stored);
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

function isAbove(order: WriteOrder, inPlace: WriteOrder): boolean {
  if (order.generation !== inPlace.generation) return order.generation > inPlace.generation;
  if (order.version !== inPlace.version) return order.version > inPlace.version;
  return order.index > inPlace.index;
}
