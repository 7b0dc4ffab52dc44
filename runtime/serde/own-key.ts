import type { KeyValue } from "../graph/key-value.ts";

/**
 * A key as it is kept and given to user code: one form for all keys that are equal, whichever came first (0 for -0, a record's
 * fields by name), and frozen, so that nobody changes the key of what is kept under it.
 */
export function ownKey(key: KeyValue): KeyValue {
  if (typeof key === "number") return key === 0 ? 0 : key;
  if (typeof key !== "object") return key;
  if (isTuple(key)) return Object.freeze(Array.from(key, ownKey));
  const fields = Object.entries(key).map(([name, value]): [string, KeyValue] => [
    name,
    ownKey(value),
  ]);
  return Object.freeze(Object.fromEntries(fields.sort(byName)));
}

function isTuple(key: KeyValue & object): key is readonly KeyValue[] {
  return Array.isArray(key);
}

function byName([left]: [string, KeyValue], [right]: [string, KeyValue]): number {
  return left < right ? -1 : 1;
}
