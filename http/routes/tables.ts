import { resourceOf } from "../../runtime/connectors/sinks.ts";
import { deploymentError, inputError } from "../../runtime/errors/millrace-error.ts";
import { type Condition, conditionOf } from "../../results/condition.ts";
import { selectRows } from "../../results/select-rows.ts";
import { findRun } from "../found-job.ts";
import { eventStream } from "../live/event-stream.ts";
import type { TableToFollow } from "../live/table-feed.ts";
import { get, getEvents, type Route } from "../route.ts";
import { rows, rowsQuery, tablePath, tableUpdate } from "../schemas/tables.ts";
import type { ServedStore } from "../served-store.ts";

export const tableRoutes: readonly Route[] = [
  get({
    path: "/jobs/{job}/tables/{table}/rows",
    summary: "Rows of a table of results: those that fit, sorted, the first of them",
    pathSchema: tablePath,
    querySchema: rowsQuery,
    answerSchema: rows,
    answer: async ({ store, path, query }) => {
      const table = await findTable(store, path);
      const { rows: found, matched } = await selectRows(store.ports.tables.scan(table.name), {
        where: (query.where ?? []).map(asCondition),
        ...(query.orderBy !== undefined && { orderBy: query.orderBy }),
        descending: query.order === "descending",
        limit: query.limit,
      });
      return { table: path.table, rows: found.map((row) => ({ ...row })), matched };
    },
  }),
  getEvents({
    path: "/jobs/{job}/tables/{table}/updates",
    summary: "The rows of a table of results, then what changes, as server-sent events",
    pathSchema: tablePath,
    answerSchema: tableUpdate,
    answer: async ({ store, path, lastEventId }) => {
      const table = await findTable(store, path);
      return eventStream(store.feeds.rowsOf(path.job, table), lastEventId);
    },
  }),
];

/** @throws MillraceError `result-unknown` for a table that is none of the job's */
async function findTable(
  store: ServedStore,
  { job, table }: { readonly job: string; readonly table: string },
): Promise<TableToFollow> {
  const { plan } = await findRun(store, job);
  const tables = plan.sinks.filter((sink) => resourceOf(sink).kind === "table");
  const sink = tables.find(({ target }) => target === table);
  if (sink !== undefined) {
    const name = store.tableName?.(table) ?? table;
    return { name, key: sink.keyFields ?? [], ...(sink.view && { view: sink.view }) };
  }
  throw deploymentError("result-unknown", {
    message: `Job "${job}" writes no table "${table}"; ${tables.length === 0 ? "it writes none" : `there are ${tables.map(({ target }) => target).join(", ")}`}.`,
    next: "GET /jobs/<job>/plan lists its sinks.",
  });
}

function asCondition(text: string): Condition {
  const found = conditionOf(text);
  if (found !== undefined) return found;
  throw inputError("request-invalid", {
    message: `where is "${text.slice(0, 100)}", which is no condition.`,
    next: "Write <field>=<value>, or !=, <, <=, > or >= in its place.",
  });
}
