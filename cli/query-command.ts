import type { QueryGiven } from "./commands/query.ts";
import {
  answeringRows,
  resultTables,
  rowsAnswer,
  selectionOf,
  withFields,
} from "./result-table.ts";
import { UsageError } from "./usage-error.ts";

/** `millrace query <table>`: rows that fit, of all fields or some, or how many they are. Answers the exit code. */
export async function queryCommand({ values, args: [table] }: QueryGiven): Promise<number> {
  const { csv, count } = values;
  const fields = values.fields?.split(",").map((field) => field.trim());
  if (fields?.includes("") === true)
    throw new UsageError(`--fields is "${values.fields}"; it takes names with commas between.`);
  if (count && (fields !== undefined || csv))
    throw new UsageError(`--count and --${csv ? "csv" : "fields"} exclude each other.`);
  const asked = { ...resultTables(values), table, csv };
  const selection = selectionOf(values);
  if (count)
    // Nothing but the number is kept.
    return await answeringRows(
      asked,
      { where: selection.where, descending: false, limit: 0 },
      ({ matched }) => ({
        json: { type: "count", table, rows: matched },
        text: [String(matched)],
      }),
    );
  return await answeringRows(asked, selection, ({ rows, matched }) =>
    fields === undefined
      ? rowsAnswer({ rows, matched })
      : rowsAnswer({ rows: rows.map((row) => withFields(row, fields)), matched }, fields),
  );
}
