import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { ViewColumn, ViewDescription } from "../../../runtime/graph/view.ts";
import type { Row } from "../live/table-rows.ts";
import { None } from "../parts/section.tsx";
import { LinesChart } from "./lines-chart.tsx";
import { type Bar, barsOf, linesOf, shownIn } from "./view-rows.ts";

export interface ViewDrawingProps {
  readonly view: ViewDescription;
  readonly rows: readonly Row[];
  /** Of a view that is one number; absent where no row has it. */
  readonly number?: number | undefined;
}

/** The rows of a view, as the job says that they are drawn; a view that is a table has nothing above its rows. */
export function ViewDrawing({ view, rows, number }: ViewDrawingProps): JSX.Element | null {
  const { chart, columns, title } = view;
  const columnOf = (name: string): ViewColumn =>
    columns.find((column) => column.name === name) ?? { name, label: name, type: "number" };
  const lines = useMemo(
    () => (chart.kind === "time-series" ? linesOf(rows, { ...view, chart }) : undefined),
    [rows, view],
  );
  if (chart.kind === "table") return null;
  if (chart.kind === "number")
    return (
      <p class="one-number">
        {number === undefined ? "–" : shownIn(columnOf(chart.value), number)}
      </p>
    );
  if (chart.kind === "bars")
    return <Bars bars={barsOf(rows, chart)} column={columnOf(chart.value)} />;
  if (lines === undefined || lines.lines.length === 0) return <None>No row has a value yet.</None>;
  const column = columnOf(chart.values[0] ?? "");
  return <LinesChart title={title} lines={lines} shown={(value) => shownIn(column, value)} />;
}

function Bars({
  bars,
  column,
}: {
  readonly bars: readonly Bar[];
  readonly column: ViewColumn;
}): JSX.Element {
  const most = Math.max(Number.MIN_VALUE, ...bars.map(({ value }) => Math.abs(value)));
  return (
    <ol class="bars">
      {bars.map(({ label, value }, at) => (
        <li key={`${label} ${at}`}>
          <span>{label}</span>
          <i aria-hidden="true">
            <i style={{ transform: `scaleX(${Math.abs(value) / most})` }} />
          </i>
          <b>{shownIn(column, value)}</b>
        </li>
      ))}
    </ol>
  );
}
