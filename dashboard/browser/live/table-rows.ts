import type { ViewOrder } from "../../../http/live/view-order.ts";
import type { TableUpdate } from "../../../http/schemas/tables.ts";
import { comparing } from "../../../results/select-rows.ts";

export type Row = Readonly<Record<string, unknown>>;

/** What a table of results holds, as far as it is told. */
export interface TableRows {
  readonly key: readonly string[];
  /** By their keys, in the order in which they came. */
  readonly rows: ReadonlyMap<string, Row>;
  /** Keys of rows that the newest update has written. */
  readonly fresh: ReadonlySet<string>;
  readonly total: number;
  /** Of a view that is one number. */
  readonly number?: number | undefined;
}

export const noRows: TableRows = { key: [], rows: new Map(), fresh: new Set(), total: 0 };

/** A page shows no more; of a larger table those that its view needs first, or else the newest rows. */
const rowsMax = 1_000;

export const keyOfRow = (key: readonly string[], row: Row): string =>
  JSON.stringify(key.length === 0 ? row : key.map((field) => row[field]));

/** The rows after one more update; of too many, those that come first in an order stay. */
export function updated(before: TableRows, update: TableUpdate, order?: ViewOrder): TableRows {
  const { type, key, written, deleted, total, number } = update;
  const rows = new Map(type === "rows" ? [] : before.rows);
  for (const row of deleted) rows.delete(keyOfRow(key, row));
  for (const row of written) {
    // What was written last comes last, also where it was there before.
    rows.delete(keyOfRow(key, row));
    rows.set(keyOfRow(key, row), row);
  }
  for (const spare of sparePlaces(rows, order)) rows.delete(spare);
  const fresh = new Set(type === "rows" ? [] : written.map((row) => keyOfRow(key, row)));
  return { key, rows, fresh, total, number };
}

/** Keys of the rows beyond those that a page keeps. */
function sparePlaces(
  rows: ReadonlyMap<string, Row>,
  order: ViewOrder | undefined,
): readonly string[] {
  const count = rows.size - rowsMax;
  if (count <= 0) return [];
  if (order === undefined) return [...rows.keys()].slice(0, count);
  const compare = comparing(order.by, order.descending);
  return [...rows]
    .sort(([, one], [, other]) => compare(one, other))
    .slice(rowsMax)
    .map(([place]) => place);
}

/** Fields of rows: those of the key first, the others as they are met. */
export function fieldsOf({ key, rows }: Pick<TableRows, "key" | "rows">): readonly string[] {
  const fields = new Set(key);
  for (const row of rows.values()) for (const field of Object.keys(row)) fields.add(field);
  return [...fields];
}
