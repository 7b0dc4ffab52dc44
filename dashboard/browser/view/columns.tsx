import type { JSX } from "preact";
import type { ViewColumn, ViewDescription } from "../../../runtime/graph/view.ts";
import { shownValue } from "../format/json.ts";
import type { Row } from "../live/table-rows.ts";
import type { SortValue } from "../parts/order.ts";
import type { Column } from "../parts/table.tsx";
import { shownIn } from "./view-rows.ts";

/** Columns as a view describes them. */
export function viewColumns({ columns }: ViewDescription): readonly Column<Row>[] {
  return columns.map((column) => ({
    name: column.label,
    kind: isOfNumbers(column) ? "number" : "clip",
    cell: (row) => shownIn(column, row[column.name]),
    sort: (row) => sortValue(row[column.name]),
  }));
}

const isOfNumbers = ({ type }: ViewColumn): boolean => type === "number" || type === "time";

/** A column of rows that nobody has described: what it holds is seen. */
export function plainColumn(field: string, rows: readonly Row[]): Column<Row> {
  const isNumeric = rows.every(({ [field]: value }) => value === undefined || isNumber(value));
  return {
    name: field,
    kind: isNumeric ? "number" : "clip",
    cell: (row) => shownField(field, row[field]),
    sort: (row) => sortValue(row[field]),
  };
}

function sortValue(value: unknown): SortValue {
  if (value === null || value === undefined) return undefined;
  return isNumber(value) ? value : shownValue(value);
}

const isNumber = (value: unknown): value is number => typeof value === "number";

function shownField(field: string, value: unknown): JSX.Element | string {
  if (isTime(field, value))
    return (
      <span title={String(value)}>
        {new Date(value).toISOString().slice(0, 19).replace("T", " ")}
      </span>
    );
  if (value === undefined || typeof value === "string") return value ?? "";
  return isNumber(value) ? String(value) : <span class="mono">{shownValue(value)}</span>;
}

/** A time in milliseconds says so in its name, and lies between 2001 and 2286. */
const isTime = (field: string, value: unknown): value is number =>
  isNumber(value) && field.endsWith("Ms") && value >= 1e12 && value < 1e13;
