import { isMillraceError } from "../errors/millrace-error.ts";
import type { RefusedWrite, Row, RowKey } from "../ports/keyed-table.ts";

/** The same text for the same attributes and values, in whichever order they stand. */
export function keyText(key: RowKey): string {
  return JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A row as JSON text; attributes that are `undefined` are left out. */
export const rowText = (row: Row): string => JSON.stringify(row);

/** What a table answers for a write that it does not take. */
export function refusalOf(thrown: unknown, at: number): RefusedWrite {
  if (!isMillraceError(thrown) || thrown.domain !== "input") throw thrown;
  return { at, reason: thrown.message };
}

export const rowOfText = (text: string): Row => JSON.parse(text) as Row;
