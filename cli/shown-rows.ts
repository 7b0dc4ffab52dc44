import type { WrittenRows } from "../dev/index.ts";
import { readableCount } from "./readable.ts";
import { rowLines } from "./row-lines.ts";

/** What was written since it was looked at last, of each table. */
export interface ShownRows {
  add(written: WrittenRows): void;
  take(): readonly WrittenRows[];
}

/** Keeps the last `max` rows of each table between two looks, and counts the others. */
export function shownRows(max: number): ShownRows {
  let tables = new Map<string, WrittenRows>();
  return {
    add({ table, count, rows }) {
      const before = tables.get(table);
      tables.set(table, {
        table,
        count: count + (before?.count ?? 0),
        rows: [...(before?.rows ?? []), ...rows].slice(-max),
      });
    },
    take() {
      const taken = [...tables.values()];
      tables = new Map();
      return taken;
    },
  };
}

/** For people: the table's name, and its rows under their heads. */
export function writtenLines({ table, count, rows }: WrittenRows): readonly string[] {
  const what = `${table}: ${readableCount(count)} ${count === 1 ? "row" : "rows"} written`;
  const head = count > rows.length && rows.length > 0 ? `${what}, the last of them:` : what;
  return [head, ...(rows.length === 0 ? [] : rowLines(rows).map((line) => `  ${line}`))];
}
