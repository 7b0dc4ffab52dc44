import { inputError } from "../runtime/errors/millrace-error.ts";
import type { Condition } from "./condition.ts";
import type { Row } from "../runtime/ports/keyed-table.ts";

export interface RowSelection {
  /** Rows that don't fulfil all of them are left out. */
  readonly where: readonly Condition[];
  /** Field by which they are sorted; absent for the order in which they come. */
  readonly orderBy?: string;
  readonly descending: boolean;
  readonly limit: number;
}

export interface SelectedRows {
  readonly rows: readonly Row[];
  /** Rows that fit; `rows` are the first of them. */
  readonly matched: number;
}

/**
 * Reads a table through, and keeps no more than a multiple of the limit at a time.
 * @throws MillraceError `condition-invalid` where a number is to be compared by size with what is none
 */
export async function selectRows(
  table: AsyncIterable<Row>,
  { where, orderBy, descending, limit }: RowSelection,
): Promise<SelectedRows> {
  const order = orderBy === undefined ? undefined : comparing(orderBy, descending);
  let kept: Row[] = [];
  let matched = 0;
  const doubtful = where.filter(
    ({ comparison, text }) => !/^!?=$/.test(comparison) && !isNumber(text),
  );
  for await (const row of table) {
    const wrong = doubtful.find(({ field }) => typeof row[field] === "number");
    if (wrong !== undefined) throw conditionInvalid(wrong);
    if (!fulfils(row, where)) continue;
    matched += 1;
    if (order === undefined && kept.length === limit) continue;
    kept.push(row);
    if (order !== undefined && kept.length >= 2 * limit) kept = kept.sort(order).slice(0, limit);
  }
  const rows = order === undefined ? kept : kept.sort(order).slice(0, limit);
  return { rows, matched };
}

const isNumber = (text: string): boolean => text.trim() !== "" && !Number.isNaN(Number(text));

const conditionInvalid = ({ field, comparison, text }: Condition): Error =>
  inputError("condition-invalid", {
    message: `The condition "${field}${comparison}${text.slice(0, 100)}" compares with what is no number, and "${field}" holds numbers.`,
    next: `Compare it with a number, such as ${field}${comparison}10.`,
  });

export const fulfils = (row: Row, where: readonly Condition[]): boolean =>
  where.every((condition) => holds(row[condition.field], condition));

/** Numbers are compared by size, all else by text; what is not there is neither smaller nor greater. */
function holds(value: unknown, { comparison, text }: Condition): boolean {
  if (comparison === "=") return textOf(value) === text;
  if (comparison === "!=") return textOf(value) !== text;
  if (value === undefined || value === null) return false;
  const order =
    typeof value === "number" ? value - Number(text) : compareTexts(textOf(value), text);
  switch (comparison) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

const compareTexts = (left: string, right: string): number =>
  left === right ? 0 : left < right ? -1 : 1;

/** Numbers by size, all else by text; rows without the field come last. */
export function comparing(field: string, descending: boolean): (one: Row, other: Row) => number {
  const sign = descending ? -1 : 1;
  return (one, other) => {
    const [left, right] = [one[field], other[field]];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    if (typeof left === "number" && typeof right === "number") return sign * (left - right);
    return sign * compareTexts(textOf(left), textOf(right));
  };
}

/** A value as it is shown in a column, and as it is asked for. */
export function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
