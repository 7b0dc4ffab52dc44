import { jobError } from "../errors/millrace-error.ts";
import type { KeyType, TableKey } from "../ports/keyed-table.ts";

/** A table's key as a sink names it: a list of attributes, or their types by name, in the order of the key. */
export type NamedKey = readonly string[] | Readonly<Record<string, KeyType | undefined>>;

const keyTypes: readonly unknown[] = ["string", "number"];
/** An object lists such names first and in ascending order, whatever order they were written in. */
const looksLikeIndex = /^(?:0|[1-9]\d*)$/;

/** @throws MillraceError `sink-key-invalid` */
export function tableKeyOf(table: string, key: NamedKey): TableKey {
  if (isList(key)) {
    const attributes = key.map((name) => ({ name }));
    if (isKey(key)) return attributes;
  } else if (typeof key === "object" && key !== null) {
    const names = Object.keys(key);
    const isTyped = names.every((name) => keyTypes.includes(key[name]));
    const isOrdered = names.length === 1 || !names.some((name) => looksLikeIndex.test(name));
    if (isKey(names) && isTyped && isOrdered)
      return names.map((name) => ({ name, type: key[name]! }));
  }
  throw jobError("sink-key-invalid", {
    message: `The key of table "${table}" is ${JSON.stringify(key)}; a DynamoDB table has one or two key attributes, each a string or a number.`,
    next: 'Write for example key: { origin: "string", startMs: "number" }, with names that are no whole numbers; join several fields into one with toRow.',
  });
}

function isList(key: NamedKey): key is readonly string[] {
  return Array.isArray(key);
}

function isKey(names: readonly string[]): boolean {
  const named = names.every((name) => typeof name === "string" && name.length > 0);
  const distinct = new Set(names).size === names.length;
  return named && distinct && (names.length === 1 || names.length === 2);
}
