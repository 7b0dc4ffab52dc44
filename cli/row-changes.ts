import type { Row } from "../runtime/ports/keyed-table.ts";

export interface RowChanges {
  /** Rows that are new, or have other values than before. */
  readonly written: readonly Row[];
  /** Rows that are not there any more, as they were. */
  readonly deleted: readonly Row[];
}

/** Compares what a table holds with what it held at the look before. */
export function rowChanges(): (
  rows: AsyncIterable<Row>,
  key: readonly string[],
) => Promise<RowChanges> {
  let before = new Map<string, string>();
  return async (rows, key) => {
    const now = new Map<string, string>();
    const written: Row[] = [];
    for await (const row of rows) {
      const place = JSON.stringify(key.map((name) => row[name]));
      const text = JSON.stringify(row);
      if (before.get(place) !== text) written.push(row);
      now.set(place, text);
    }
    const gone = [...before].filter(([place]) => !now.has(place));
    before = now;
    return { written, deleted: gone.map(([, text]) => JSON.parse(text) as Row) };
  };
}
