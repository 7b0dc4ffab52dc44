/** No UTF-16 unit takes more bytes in UTF-8. */
export const maxUnitBytes = 3;

/** Whether a text takes at most so many bytes in UTF-8. */
function textFits(text: string, maxBytes: number): boolean {
  if (text.length * maxUnitBytes <= maxBytes) return true;
  return text.length <= maxBytes && new TextEncoder().encode(text).byteLength <= maxBytes;
}

/** Bytes of a text in UTF-8; undefined where half of a surrogate pair stands alone, which UTF-8 can't hold. */
export function utf8Bytes(text: string): number | undefined {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 2;
    else {
      // A pair is two units here, and four bytes there.
      const next = text.charCodeAt(++at);
      if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return undefined;
      bytes += 2;
    }
  }
  return bytes;
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
