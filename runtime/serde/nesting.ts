/** Whether a value nests deeper than so many levels, or for ever. Never goes deeper itself. */
export function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (isObject(item) && nestsDeeper(item, levels - 1)) return true;
    return false;
  }
  if (ArrayBuffer.isView(value)) return false;
  if (value instanceof Map || value instanceof Set) {
    for (const entry of value) if (nestsDeeper(entry, levels - 1)) return true;
    return false;
  }
  for (const name in value) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (isObject(member) && nestsDeeper(member, levels - 1)) return true;
  }
  return false;
}

/** Spares most values the call. */
function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
