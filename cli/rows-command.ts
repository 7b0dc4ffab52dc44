import { tablesInFolder } from "../runtime/embedded/tables-in-folder.ts";
import { type Answer, answering } from "./answer.ts";
import { namesIn } from "./aws-names.ts";
import { type RowsGiven, rowsShownToPeople } from "./commands/rows.ts";
import { limitOf, moreLines } from "./limit.ts";
import { deployedVariables } from "./deployment-outputs.ts";
import { openStore } from "./open-store.ts";
import { readableCount } from "./readable.ts";
import { rowLines } from "./row-lines.ts";
import { type SelectedRows, selectRows } from "./select-rows.ts";
import { storeOptions } from "./store-options.ts";
import { tableLines } from "./table-lines.ts";

/** `millrace rows [<table>]`: the rows of a table of results, or which tables there are. Answers the exit code. */
export async function rowsCommand({ values, args: [table] }: RowsGiven): Promise<number> {
  const variables = deployedVariables(values);
  const options = storeOptions(values, variables);
  const { place } = options;
  // A folder's tables have the names that the job gives them, whatever is deployed besides.
  const tables = place.kind === "embedded" ? {} : namesIn(variables, "MILLRACE_TABLES");
  if (table === undefined)
    return await answering(options, async () =>
      listAnswer(
        place.kind === "embedded"
          ? tablesInFolder(place.dir)
          : Object.keys(tables).map((name) => ({ table: name })),
      ),
    );
  const selection = {
    where: values.where,
    ...(values["order-by"] === undefined ? {} : { orderBy: values["order-by"] }),
    descending: values.descending,
    limit: limitOf(values, rowsShownToPeople),
  };
  return await answering(options, async () => {
    const { ports, close } = await openStore(place);
    try {
      return rowsAnswer(await selectRows(ports.tables.scan(tables[table] ?? table), selection));
    } finally {
      close();
    }
  });
}

function listAnswer(found: readonly { readonly table: string; readonly rows?: number }[]): Answer {
  const cells = found.map(({ table, rows }) => [
    table,
    rows === undefined ? "" : readableCount(rows),
  ]);
  return {
    json: found.map((entry) => ({ type: "table", ...entry })),
    text:
      found.length === 0
        ? ["there are no tables yet"]
        : tableLines(["table", "rows"], cells, ["rows"]),
  };
}

function rowsAnswer({ rows, matched }: SelectedRows): Answer {
  const more = matched - rows.length;
  return {
    json: rows,
    text: [
      ...(rows.length === 0 ? [] : rowLines(rows)),
      ...moreLines(more),
      ...(matched === 0 ? ["no rows"] : []),
    ],
  };
}
