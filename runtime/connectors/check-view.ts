import { jobError } from "../errors/millrace-error.ts";
import type { ViewChart, ViewColumnType, ViewDescription } from "../graph/view.ts";

const types: readonly unknown[] = ["text", "number", "boolean", "time"] satisfies ViewColumnType[];
const columnsMax = 50;
const topMax = 1_000;
const digitsMax = 10;

/** What is written is checked by types where those are used; jobs are written in JavaScript too. @throws MillraceError `view-invalid` */
export function checkView(uid: string, view: ViewDescription): void {
  const fault = columnsFault(view) ?? timeFault(view) ?? chartFault(view);
  if (fault === undefined) return;
  throw jobError("view-invalid", {
    message: `The view "${uid}" can't be drawn: ${fault}.`,
    next: 'Name columns with their types, columns: { airport: "text", startMs: "time", delay: "number" }, and draw those: time: "startMs", chart: { kind: "time-series", values: ["delay"], by: "airport" }.',
    uid,
  });
}

function columnsFault({ columns }: ViewDescription): string | undefined {
  if (columns.length === 0) return "it has no columns";
  if (columns.length > columnsMax) return `it has more than ${columnsMax} columns`;
  for (const { name, type, digits } of columns) {
    if (!types.includes(type)) return `the column "${name}" has no type that there is`;
    if (digits !== undefined && !isWhole(digits, 0, digitsMax))
      return `the digits of the column "${name}" are no whole number from 0 to ${digitsMax}`;
  }
  return undefined;
}

const isWhole = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

function timeFault({ time, columns }: ViewDescription): string | undefined {
  if (time === undefined || typeOf(columns, time) === "time") return undefined;
  return `its time "${time}" is no column of type time`;
}

function chartFault({ chart, time, columns }: ViewDescription): string | undefined {
  for (const [name, ...allowed] of columnsOf(chart)) {
    const type = typeOf(columns, name);
    if (type === undefined) return `"${name}" of its chart is no column`;
    if (allowed.length > 0 && !allowed.includes(type))
      return `the column "${name}" of its chart is of type ${type}`;
  }
  switch (chart.kind) {
    case "table":
      return undefined;
    case "time-series":
      if (chart.values.length === 0) return "its chart draws no values";
      return time === undefined ? "a time series is drawn over a time" : undefined;
    case "bars":
      return chart.top === undefined || isWhole(chart.top, 1, topMax)
        ? undefined
        : `its top is no whole number from 1 to ${topMax}`;
    case "number":
      if (chart.of !== "sum" && chart.of !== "newest") return 'its number is of "sum" or "newest"';
      return chart.of === "newest" && time === undefined
        ? "the newest row is told by a time"
        : undefined;
    default:
      return "its chart is of no kind that there is";
  }
}

/** Columns that a chart names, each with the types that it may have; none: any. */
function columnsOf(chart: ViewChart): readonly (readonly [string, ...ViewColumnType[]])[] {
  switch (chart.kind) {
    case "table":
      return chart.order === undefined ? [] : [[chart.order]];
    case "time-series": {
      const values = chart.values.map((name) => [name, "number"] as const);
      return chart.by === undefined ? values : [...values, [chart.by]];
    }
    case "bars":
      return [[chart.label], [chart.value, "number"]];
    case "number":
      return [[chart.value, "number"]];
    default:
      return [];
  }
}

const typeOf = (columns: ViewDescription["columns"], name: string): ViewColumnType | undefined =>
  columns.find((column) => column.name === name)?.type;
