import type { Row } from "../runtime/ports/keyed-table.ts";
import { textOf } from "../results/select-rows.ts";
import { tableLines } from "./table-lines.ts";

/** Rows under the names of all their fields; columns of numbers stand to the right. */
export function rowLines(
  rows: readonly Row[],
  heads: readonly string[] = fieldsOf(rows),
): readonly string[] {
  const numbers = heads.filter((head) =>
    rows.every((row) => row[head] === undefined || typeof row[head] === "number"),
  );
  return tableLines(
    heads,
    rows.map((row) => heads.map((head) => textOf(row[head]))),
    numbers,
  );
}

/** The names of all fields, in the order in which they come. */
export const fieldsOf = (rows: readonly Row[]): readonly string[] => [
  ...new Set(rows.flatMap((row) => Object.keys(row))),
];
