import papaparse from "papaparse";
import { type CsvDecoder, faultOfColumns } from "./decoder.ts";
import type { RecordDocument } from "./source-spec.ts";

/** The rows of a text, each an object of texts or refused by itself; no more than one above `max`. @throws where the row of names will not do. */
export function csvRows(
  text: string,
  { delimiter, columns: given }: CsvDecoder,
  max: number,
): readonly RecordDocument[] {
  const rows: RecordDocument[] = [];
  let columns = given;
  let at = 0;
  papaparse.parse<string[]>(text, {
    delimiter,
    step({ data, errors, meta: { cursor } }, parser) {
      const document = text.slice(at, cursor).replace(/\r?\n$/, "");
      at = cursor;
      if (document.trim() === "") return;
      if (columns === undefined) {
        columns = namesOf(data, errors[0]?.message);
        return;
      }
      rows.push(rowOf(data, { columns, document, fault: errors[0]?.message }));
      if (rows.length > max) parser.abort();
    },
  });
  return rows;
}

function namesOf(names: readonly string[], fault: string | undefined): readonly string[] {
  const wrong = fault ?? faultOfColumns(names);
  if (wrong !== undefined) throw new Error(`its first row names no columns: ${wrong}`);
  return names;
}

interface Row {
  readonly columns: readonly string[];
  readonly document: string;
  /** What the parser says of it. */
  readonly fault: string | undefined;
}

function rowOf(fields: readonly string[], { columns, document, fault }: Row): RecordDocument {
  const wrong =
    fault ??
    (fields.length === columns.length
      ? undefined
      : `it has ${fields.length} fields and there are ${columns.length} columns: ${columns.join(", ")}`);
  if (wrong !== undefined) return { kind: "refused", reason: wrong, document };
  const value = Object.fromEntries(columns.map((name, column) => [name, fields[column]]));
  return { kind: "made", value, shown: () => document };
}
