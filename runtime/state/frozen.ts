/**
 * A decoded value that nobody can change any more, as far as JavaScript has it: what is within a `Map`, a `Set`, a `Date` or bytes stays open.
 */
export function frozen<V>(value: V): V {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  // Values are trees: they come from bytes.
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
