import type { KeyedTable, Row } from "../runtime/ports/index.ts";

/** Rows that a job has just written into a table of results. */
export interface WrittenRows {
  readonly table: string;
  /** Rows that were written or deleted. */
  readonly count: number;
  /** The last of those that were written: {@link shownAtOnceMax} at most. */
  readonly rows: readonly Row[];
}

/** Nobody reads more at a time, and they may have to cross threads. */
export const shownAtOnceMax = 20;

/** The same tables, which tell what is written into them. */
export function watchedTables(
  tables: KeyedTable,
  onRows: (written: WrittenRows) => void,
): KeyedTable {
  return {
    ...tables,
    async write(table, writes, writer) {
      const summary = await tables.write(table, writes, writer);
      const rows = writes.flatMap(({ row }) => (row === undefined ? [] : [row]));
      if (writes.length > 0)
        onRows({ table, count: writes.length, rows: rows.slice(-shownAtOnceMax) });
      return summary;
    },
  };
}
