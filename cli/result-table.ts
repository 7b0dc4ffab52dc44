import type { Row } from "../runtime/ports/keyed-table.ts";
import { type Answer, answering } from "./answer.ts";
import { namesIn } from "./aws-names.ts";
import { rowsShownToPeople, type selectionOptions } from "./commands/selection-options.ts";
import { csvText } from "./csv-text.ts";
import type { ValuesOf } from "./definition/option.ts";
import { deployedVariables } from "./deployment-outputs.ts";
import { limitOf, moreLines } from "./limit.ts";
import { openStore } from "./open-store.ts";
import { targetOf } from "./result-target.ts";
import { fieldsOf, rowLines } from "./row-lines.ts";
import { type RowSelection, type SelectedRows, selectRows } from "../results/select-rows.ts";
import { streamRows } from "./stream-rows.ts";
import { type StoreOptions, storeOptions, type StoreValues } from "./store-options.ts";

/** Where tables of results are, and how they are called there. */
export interface ResultTables extends StoreOptions {
  /** Names in AWS, by those in the job; none of a folder. */
  readonly names: Readonly<Record<string, string>>;
  /** The same of streams. */
  readonly streamNames: Readonly<Record<string, string>>;
}

/** @throws UsageError */
export function resultTables(values: StoreValues): ResultTables {
  const variables = deployedVariables(values);
  const options = storeOptions(values, variables);
  // A folder's tables have the names that the job gives them, whatever is deployed besides.
  const isFolder = options.place.kind === "embedded";
  return {
    ...options,
    names: isFolder ? {} : namesIn(variables, "MILLRACE_TABLES"),
    streamNames: isFolder ? {} : namesIn(variables, "MILLRACE_STREAMS"),
  };
}

type SelectionValues = ValuesOf<typeof selectionOptions> & { readonly json: boolean };

export function selectionOf(values: SelectionValues): RowSelection {
  return {
    where: values.where,
    ...(values["order-by"] === undefined ? {} : { orderBy: values["order-by"] }),
    descending: values.descending,
    limit: limitOf(values, rowsShownToPeople),
  };
}

interface Asked extends ResultTables {
  readonly table: string;
  readonly csv: boolean;
}

/** Reads a table or stream through and prints what is made of the rows that fit. Answers the exit code. */
export async function answeringRows(
  { table, csv, ...results }: Asked,
  selection: RowSelection,
  answerOf: (selected: SelectedRows) => Answer,
): Promise<number> {
  return await answering({ json: results.json, csv }, async () => {
    const { kind, name } = targetOf(results, table);
    const { ports, close } = await openStore(results.place);
    try {
      const rows =
        kind === "table"
          ? ports.tables.scan(name)
          : streamRows(ports.reader, { stream: name, start: { kind: "earliest" } }).next();
      return answerOf(await selectRows(rows, selection));
    } finally {
      close();
    }
  });
}

/** The rows that fit, in columns. */
export function rowsAnswer(
  { rows, matched }: SelectedRows,
  fields: readonly string[] = fieldsOf(rows),
): Answer {
  return {
    json: rows,
    csv: csvText(rows, fields),
    text: [
      ...(rows.length === 0 ? [] : rowLines(rows, fields)),
      ...moreLines(matched - rows.length),
      ...(matched === 0 ? ["no rows"] : []),
    ],
  };
}

/** A row with no other fields than these. */
export const withFields = (row: Row, fields: readonly string[]): Row =>
  Object.fromEntries(
    fields.flatMap((field) => (row[field] === undefined ? [] : [[field, row[field]]])),
  );
