import { crc32 } from "node:zlib";
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import { storeError, type MillraceError } from "../errors/millrace-error.ts";
import { columns, type TableName } from "./sqlite-schema.ts";

type Values = Readonly<Record<string, SQLInputValue>>;
/** As the database gives it. */
export type FoundRow = Readonly<Record<string, SQLOutputValue>>;

/** A row as it is written: with a checksum of all its values, those of its key included. */
export function withChecksum<Row extends Values>(
  table: TableName,
  row: Row,
): Row & { readonly checksum: number } {
  return { ...row, checksum: checksumOfRow(table, row) };
}

/**
 * Passes a row on that is as it was written. One without a checksum is of a release that wrote none: there is nothing to tell by.
 * @throws MillraceError `store-damaged`
 */
export function checkedRow(table: TableName, row: FoundRow): FoundRow {
  const { checksum } = row;
  if (checksum === null || checksum === checksumOfRow(table, row)) return row;
  throw damagedStore(`a row of the table "${table}" is not as it was written (${placeOf(row)})`);
}

function checksumOfRow(table: TableName, row: Values): number {
  return checksumOf(columns[table].map((column) => row[column] ?? null));
}

/** The CRC-32 of all values, each with its type and length, in the order of the table's columns. */
export function checksumOf(values: readonly SQLInputValue[]): number {
  let text = "";
  for (const value of values) {
    if (value instanceof Uint8Array) text += `bytes ${value.length} ${crc32(value)} `;
    else if (value === null) text += "null ";
    else text += `${typeof value} ${String(value).length} ${String(value)} `;
  }
  return crc32(text);
}

/** Which row it is, as far as its small values tell. */
const placeOf = (row: Values): string =>
  Object.entries(row)
    .filter(([, value]) => typeof value === "number" || typeof value === "string")
    .map(([column, value]) => `${column} ${String(value).slice(0, 40)}`)
    .slice(0, 4)
    .join(", ");

export const damagedStore = (what: string, cause?: unknown): MillraceError =>
  storeError("store-damaged", {
    message: `The embedded database can't be relied on: ${what}.`,
    next: "Look at the disk; then use a copy of the folder, or restore a savepoint into another one.",
    cause,
  });
