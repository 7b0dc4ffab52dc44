import { inputError, isMillraceError, type MillraceError } from "../errors/millrace-error.ts";
import type { RefusedWrite, Row, RowKey } from "../ports/keyed-table.ts";

/** The same text for the same attributes and values, in whichever order they stand. */
export function keyText(key: RowKey): string {
  const attributes = Object.entries(key);
  for (const [name, value] of attributes) checkJson(value, name);
  return JSON.stringify(attributes.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A row as JSON text; attributes that are `undefined` are left out.
 * @throws an InputError that names the attribute for anything that JSON would lose.
 */
export function rowText(row: Row): string {
  checkMembers(row, "");
  return JSON.stringify(row);
}

/** What a table answers for a write whose row or key can't be text. */
export function refusalOf(thrown: unknown, at: number): RefusedWrite {
  if (!isMillraceError(thrown) || thrown.domain !== "input") throw thrown;
  return { at, reason: thrown.message };
}

export const rowOfText = (text: string): Row => JSON.parse(text) as Row;

function checkMembers(value: object, path: string): void {
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) checkJson(member, path === "" ? name : `${path}.${name}`);
  }
}

function checkJson(value: unknown, path: string): void {
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) throw notStorable(path, `the number ${value}`);
      return;
    case "object":
      if (value === null) return;
      if (Array.isArray(value)) {
        for (const [index, element] of value.entries()) checkJson(element, `${path}[${index}]`);
        return;
      }
      if (!isPlainObject(value)) throw notStorable(path, `a ${value.constructor.name}`);
      return checkMembers(value, path);
    default:
      throw notStorable(path, `a ${typeof value}`);
  }
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const notStorable = (path: string, what: string): MillraceError =>
  inputError("row-not-storable", {
    message: `The attribute "${path}" is ${what}, which a row can't hold.`,
    next: "Give strings, finite numbers, booleans, null, arrays and plain objects.",
  });
