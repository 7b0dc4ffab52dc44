import papaparse from "papaparse";
import type { Row } from "../runtime/ports/keyed-table.ts";
import { textOf } from "../results/select-rows.ts";

/** Rows as RFC 4180 has them, under the names of all their fields; what is no text or number is JSON. */
export function csvText(rows: readonly Row[], fields: readonly string[]): string {
  if (fields.length === 0) return "";
  const data = rows.map((row) => fields.map((field) => textOf(row[field])));
  return `${papaparse.unparse({ fields: [...fields], data }, { newline: "\n" })}\n`;
}
