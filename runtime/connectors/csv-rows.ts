import papaparse from "papaparse";
import { type CsvDecoder, faultOfColumns } from "./decoder.ts";
import type { MadeDocument, RecordDocument, UndecodableDocument } from "./source-spec.ts";

/** The rows of a text, each an object of texts or refused by itself; no more than one above `max`. @throws where the row of names will not do. */
export function csvRows(
  text: string,
  { delimiter, columns: given }: CsvDecoder,
  max: number,
): readonly RecordDocument[] {
  const rows: RecordDocument[] = [];
  let columns = given;
  eachRow(text, delimiter, (row) => {
    if (row.document.trim() === "") return "more";
    if (columns === undefined) columns = namesOf(row);
    else rows.push(rowOf(row, columns));
    return rows.length > max ? "enough" : "more";
  });
  return rows;
}

/** A row as it stands in a text. */
export interface CsvRow {
  readonly fields: readonly string[];
  /** Without the end of its line. */
  readonly document: string;
  /** Lines that end with it. */
  readonly lines: number;
  /** What the parser says of it. */
  readonly fault: string | undefined;
}

/** Hands over the rows of a text, empty ones included, until it is enough. */
export function eachRow(
  text: string,
  delimiter: string,
  take: (row: CsvRow) => "more" | "enough",
): void {
  let at = 0;
  papaparse.parse<string[]>(text, {
    delimiter,
    step({ data, errors, meta: { cursor } }, parser) {
      const whole = text.slice(at, cursor);
      at = cursor;
      const row = {
        fields: data,
        document: whole.replace(/\r?\n$/, ""),
        lines: whole.split("\n").length - 1,
        fault: errors[0]?.message,
      };
      if (take(row) === "enough") parser.abort();
    },
  });
}

/** @throws where the first row will not do */
export function namesOf({ fields: names, fault }: CsvRow): readonly string[] {
  const wrong = fault ?? faultOfColumns(names);
  if (wrong !== undefined) throw new Error(`its first row names no columns: ${wrong}`);
  return names;
}

export function rowOf(
  { fields, document, fault }: CsvRow,
  columns: readonly string[],
): MadeDocument | UndecodableDocument {
  const wrong =
    fault ??
    (fields.length === columns.length
      ? undefined
      : `it has ${fields.length} fields and there are ${columns.length} columns: ${columns.join(", ")}`);
  if (wrong !== undefined) return { kind: "refused", reason: wrong, document };
  const value = Object.fromEntries(columns.map((name, column) => [name, fields[column]]));
  return { kind: "made", value, shown: () => document };
}
