import type { KeyedTable, WriteOrder } from "../ports/keyed-table.ts";
import { keyText, rowOfText, rowText } from "./row-text.ts";

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
      // All texts are made before the first write: bad data changes nothing.
      const stored = writes.map(
        ({ key, row, order }) => [keyText(key), { order, text: row && rowText(row) }] as const,
      );
      const rows = tables.get(table) ?? new Map<string, StoredRow>();
      tables.set(table, rows);
      let applied = 0;
      for (const [key, row] of stored) {
        const inPlace = rows.get(key);
        if (inPlace !== undefined && !isAbove(row.order, inPlace.order)) continue;
        rows.set(key, row);
        applied++;
      }
      return { applied, superseded: writes.length - applied };
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
