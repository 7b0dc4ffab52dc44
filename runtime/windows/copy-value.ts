/**
 * A deep copy of plain data. State and what was emitted must never share an object: user code may change state in place
 * while a result still waits to be sent. Objects of classes of one's own are given back as they are.
 */
export function copyValue<T>(value: T): T {
  return typeof value === "object" && value !== null ? (copyObject(value) as T) : value;
}

function copyObject(value: object): object {
  if (Array.isArray(value)) return value.map(copyValue);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    const copy: Record<string, unknown> = {};
    for (const field of Object.keys(value))
      copy[field] = copyValue((value as Record<string, unknown>)[field]);
    return copy;
  }
  const isBuiltIn =
    value instanceof Map ||
    value instanceof Set ||
    value instanceof Date ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value);
  return isBuiltIn ? structuredClone(value) : value;
}
