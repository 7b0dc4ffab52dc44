import { tablesInFolder } from "../runtime/embedded/tables-in-folder.ts";
import { type Answer, answering } from "./answer.ts";
import type { RowsGiven } from "./commands/rows.ts";
import { readableCount } from "./readable.ts";
import { answeringRows, resultTables, rowsAnswer, selectionOf } from "./result-table.ts";
import { whatThereIs } from "./result-target.ts";
import { tableLines } from "./table-lines.ts";

/** `millrace rows [<table>]`: the rows of a table of results, or which tables there are. Answers the exit code. */
export async function rowsCommand({ values, args: [table] }: RowsGiven): Promise<number> {
  const tables = resultTables(values);
  if (table !== undefined) {
    const asked = { ...tables, table, csv: values.csv };
    return await answeringRows(asked, selectionOf(values), rowsAnswer);
  }
  const { place, names } = tables;
  return await answering(values, async () =>
    listAnswer(
      place.kind === "embedded"
        ? tablesInFolder(place.dir)
        : Object.keys(names).map((name) => ({ table: name })),
      whatThereIs(tables),
    ),
  );
}

interface ListedTable {
  readonly table: string;
  readonly rows?: number;
}

function listAnswer(found: readonly ListedTable[], whatThereIs: string): Answer {
  const cells = found.map(({ table, rows }) => [
    table,
    rows === undefined ? "" : readableCount(rows),
  ]);
  return {
    json: found.map((entry) => ({ type: "table", ...entry })),
    text: found.length === 0 ? [whatThereIs] : tableLines(["table", "rows"], cells, ["rows"]),
  };
}
