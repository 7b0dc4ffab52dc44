import { isMillraceError } from "../errors/millrace-error.ts";
import type { RefusedWrite, Row, RowKey } from "../ports/keyed-table.ts";

/** The same text for the same attributes and values, in whichever order they stand. */
export function keyText(key: RowKey): string {
  return JSON.stringify(attributesOf(key));
}

function attributesOf(key: RowKey): readonly (readonly [name: string, value: string | number])[] {
  return Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Compares keys with that of a row in place, given as its text. An embedded table has the key of the row that was written to it
 * first, and as in DynamoDB no row with another is taken. Answers why a row can't stand there.
 */
export function sameKeyAs(table: string, inPlace: string): (key: RowKey) => string | undefined {
  const entries = JSON.parse(inPlace) as readonly (readonly [string, string | number])[];
  const expected = shapeOf(Object.fromEntries(entries));
  // As the fields stand: most keys of a call are made alike.
  let lastRight = "";
  return (key) => {
    let fields = "";
    for (const name in key) fields += `${name} ${typeof key[name]} `;
    if (fields === lastRight) return undefined;
    const shape = shapeOf(key);
    if (shape === expected) {
      lastRight = fields;
      return undefined;
    }
    return `The table "${table}" has the key (${expected}), and the row the key (${shape}).`;
  };
}

function shapeOf(key: RowKey): string {
  const attributes = attributesOf(key).map(([name, value]) => `${name} ${typeof value}`);
  return attributes.join(", ");
}

/** A row as JSON text; attributes that are `undefined` are left out. */
export const rowText = (row: Row): string => JSON.stringify(row);

/** What a table answers for a write that it does not take. */
export function refusalOf(thrown: unknown, at: number): RefusedWrite {
  if (!isMillraceError(thrown) || thrown.domain !== "input") throw thrown;
  return { at, reason: thrown.message };
}

export const rowOfText = (text: string): Row => JSON.parse(text) as Row;
