import type { ViewColumn, ViewDescription } from "../../../runtime/graph/view.ts";
import type { Row } from "../live/table-rows.ts";

type TimeSeries = Extract<ViewDescription["chart"], { readonly kind: "time-series" }>;
type Bars = Extract<ViewDescription["chart"], { readonly kind: "bars" }>;

/** A value of a column as text; empty where there is none. */
export function shownIn(column: ViewColumn, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number")
    return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
  if (column.type === "time") return new Date(value).toISOString().slice(0, 19).replace("T", " ");
  return `${numberOf(column, value)}${column.unit === undefined ? "" : ` ${column.unit}`}`;
}

const numberOf = ({ digits }: ViewColumn, value: number): string =>
  new Intl.NumberFormat("en", {
    maximumFractionDigits: digits ?? 3,
    minimumFractionDigits: digits ?? 0,
  }).format(value);

export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

export interface Lines {
  /** Ascending. */
  readonly seconds: readonly number[];
  readonly lines: readonly Line[];
  /** More lines than can be told apart: those are not drawn. */
  readonly left: number;
}

/** Nobody tells more lines apart. */
const linesMax = 12;

/** Rows as lines over time; where rows of one line have one time the last of them counts. */
export function linesOf(
  rows: readonly Row[],
  {
    chart,
    time,
    columns,
  }: { readonly chart: TimeSeries } & Pick<ViewDescription, "time" | "columns">,
): Lines {
  const byLine = new Map<string, Map<number, number>>();
  const times = new Set<number>();
  for (const row of rows) {
    const ms = row[time ?? ""];
    if (typeof ms !== "number") continue;
    for (const value of chart.values) {
      const number = row[value];
      if (typeof number !== "number") continue;
      const name = nameOfLine(row, value, { chart, columns });
      const line = byLine.get(name) ?? new Map<number, number>();
      byLine.set(name, line.set(ms, number));
      times.add(ms);
    }
  }
  const ascending = [...times].toSorted((left, right) => left - right);
  const names = [...byLine.keys()].toSorted();
  return {
    seconds: ascending.map((ms) => ms / 1_000),
    lines: names.slice(0, linesMax).map((name) => ({
      name,
      values: ascending.map((ms) => byLine.get(name)?.get(ms) ?? null),
    })),
    left: Math.max(0, names.length - linesMax),
  };
}

function nameOfLine(
  row: Row,
  value: string,
  { chart, columns }: { readonly chart: TimeSeries } & Pick<ViewDescription, "columns">,
): string {
  const label = columns.find(({ name }) => name === value)?.label ?? value;
  if (chart.by === undefined) return label;
  const group = String(row[chart.by] ?? "–");
  return chart.values.length === 1 ? group : `${group} · ${label}`;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** The rows with the highest values, the highest first. */
export function barsOf(rows: readonly Row[], { label, value, top = 40 }: Bars): readonly Bar[] {
  return rows
    .flatMap((row) => {
      const { [value]: number } = row;
      return typeof number === "number"
        ? [{ label: String(row[label] ?? "–"), value: number }]
        : [];
    })
    .toSorted((left, right) => right.value - left.value)
    .slice(0, top);
}

/** Rows in the order that a view asks for. */
export function orderedRows(
  rows: readonly Row[],
  view: Pick<ViewDescription, "chart"> | undefined,
): readonly Row[] {
  const { chart } = view ?? {};
  if (chart?.kind !== "table" || chart.order === undefined) return rows;
  const { order, descending = false } = chart;
  const sign = descending ? -1 : 1;
  return rows.toSorted((left, right) => {
    const [a, b] = [left[order] as number, right[order] as number];
    return a === b ? 0 : a < b ? -sign : sign;
  });
}
