import { tablesInFolder } from "../runtime/embedded/tables-in-folder.ts";
import { isFields } from "../runtime/serde/fields.ts";
import { type Answer, answering } from "./answer.ts";
import { pairOf, parseArguments, wholeNumber } from "./arguments.ts";
import { deployedVariables } from "./deployment-outputs.ts";
import { openStore } from "./open-store.ts";
import { readableCount } from "./readable.ts";
import { rowLines } from "./row-lines.ts";
import { type SelectedRows, selectRows } from "./select-rows.ts";
import { storeDefinitions, storeOptions } from "./store-options.ts";
import { tableLines } from "./table-lines.ts";
import { UsageError } from "./usage-error.ts";

const definitions = {
  ...storeDefinitions,
  where: { type: "string", multiple: true, default: [] as string[] },
  "order-by": { type: "string" },
  descending: { type: "boolean", default: false },
  limit: { type: "string" },
} as const;

/** What fits on a screen; for programs there is no limit but the one that is asked for. */
const limitForPeople = 50;
const limitMax = 1_000_000;

/** `millrace rows [<table>]`: the rows of a table of results, or which tables there are. Answers the exit code. */
export async function rowsCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, definitions);
  const [table, ...others] = positionals;
  if (others.length > 0)
    throw new UsageError(`"millrace rows" takes one table; what is "${others.join(" ")}"?`);
  const options = storeOptions(values);
  const tables = deployedTables(deployedVariables(values));
  if (table === undefined)
    return await answering(options, async () =>
      listAnswer(
        options.place.kind === "embedded"
          ? tablesInFolder(options.place.dir)
          : Object.keys(tables).map((name) => ({ table: name })),
      ),
    );
  const unlimited = options.json ? limitMax : limitForPeople;
  const selection = {
    where: values.where.map((text) => pairOf("where", text, "<field>=<value>")),
    ...(values["order-by"] === undefined ? {} : { orderBy: values["order-by"] }),
    descending: values.descending,
    limit:
      values.limit === undefined
        ? unlimited
        : wholeNumber("limit", values.limit, { min: 1, max: limitMax }),
  };
  return await answering(options, async () => {
    const { ports, close } = await openStore(options.place);
    try {
      return rowsAnswer(await selectRows(ports.tables.scan(tables[table] ?? table), selection));
    } finally {
      close();
    }
  });
}

/** Names in AWS of a deployment's tables, by those in the job. */
function deployedTables(variables: Readonly<Record<string, string | undefined>>) {
  const text = variables["MILLRACE_TABLES"];
  const names: unknown = text === undefined ? {} : JSON.parse(text);
  return isFields(names) ? (names as Readonly<Record<string, string>>) : {};
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
      ...(more > 0 ? [`and ${readableCount(more)} more: --limit <n> shows them`] : []),
      ...(matched === 0 ? ["no rows"] : []),
    ],
  };
}
