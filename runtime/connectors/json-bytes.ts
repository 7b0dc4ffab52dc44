/** No UTF-16 unit takes more bytes in UTF-8. */
const maxUnitBytes = 3;

/** Whether a text takes at most so many bytes in UTF-8. */
export function textFits(text: string, maxBytes: number): boolean {
  if (text.length * maxUnitBytes <= maxBytes) return true;
  return text.length <= maxBytes && new TextEncoder().encode(text).byteLength <= maxBytes;
}

/** Whether JSON data takes at most so many bytes as text. Small data is told without writing it out. */
export function jsonFits(value: unknown, maxBytes: number): boolean {
  return boundOf(value) <= maxBytes || textFits(JSON.stringify(value), maxBytes);
}

/** More than the bytes of any number, boolean or null, with a comma; and of brackets or quotes with theirs. */
const scalarBytes = 26;

/** A bound for the JSON text's bytes. A control character takes six (`\u0000`). */
function boundOf(value: unknown): number {
  if (typeof value === "string") return scalarBytes + value.length * 6;
  if (typeof value !== "object" || value === null) return scalarBytes;
  let bytes = scalarBytes;
  for (const [name, member] of Object.entries(value)) bytes += boundOf(name) + boundOf(member);
  return bytes;
}
