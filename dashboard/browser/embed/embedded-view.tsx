import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { PlanView } from "../../../http/schemas/plan.ts";
import type { ViewDescription } from "../../../runtime/graph/view.ts";
import { pathOf } from "../live/client.ts";
import { fieldsOf, keyOfRow, type TableRows } from "../live/table-rows.ts";
import { useTable } from "../live/use-table.ts";
import { None } from "../parts/section.tsx";
import { Table } from "../parts/table.tsx";
import { plainColumn, viewColumns } from "../view/columns.tsx";
import { ViewDrawing } from "../view/view-drawing.tsx";
import { orderedRows } from "../view/view-rows.ts";
import { useSink } from "./use-sink.ts";

/** At once: of a table that has more, those that were written last, or that its order puts first. */
const shownMax = 200;

export interface EmbeddedViewProps {
  /** Address of a job, without a slash at its end. */
  readonly job: string;
  /** Name of the view's table. */
  readonly table: string;
}

/** A view of a job as its description says that it is drawn, with nothing around it. */
export function EmbeddedView({ job, table }: EmbeddedViewProps): JSX.Element {
  const { sink, fault } = useSink(job, table);
  const updates = `${job}${pathOf("tables", table, "updates")}`;
  const { rows, connection } = useTable(
    sink === undefined ? undefined : updates,
    sink?.view as ViewDescription | undefined,
  );
  const title = sink?.view?.title ?? table;
  return (
    <figure part="view">
      <figcaption part="title">{title}</figcaption>
      {fault !== undefined && (
        <p class="problem" part="problem" role="alert">
          {fault}
        </p>
      )}
      {connection === "lost" && (
        <p class="soft" part="problem" role="status">
          Not connected at present; what was known stands.
        </p>
      )}
      {sink !== undefined && rows !== undefined && <Drawn title={title} sink={sink} known={rows} />}
      {fault === undefined && rows === undefined && <None>The rows are being read.</None>}
    </figure>
  );
}

interface DrawnProps {
  readonly title: string;
  readonly sink: PlanView["sinks"][number];
  readonly known: TableRows;
}

function Drawn({ title, sink, known }: DrawnProps): JSX.Element {
  const view = sink.view as ViewDescription | undefined;
  const all = useMemo(() => [...known.rows.values()], [known]);
  if (all.length === 0) return <None>There is no row yet.</None>;
  if (view !== undefined && view.chart.kind !== "table")
    return <ViewDrawing view={view} rows={all} number={known.number} />;
  const rows = orderedRows(all.toReversed(), view).slice(0, shownMax);
  return (
    <Table
      caption={`Rows of ${title}`}
      columns={
        view === undefined
          ? fieldsOf(known).map((field) => plainColumn(field, rows))
          : viewColumns(view)
      }
      rows={rows}
      rowKey={(row) => keyOfRow(known.key, row)}
      isMarked={(row) => known.fresh.has(keyOfRow(known.key, row))}
    />
  );
}
