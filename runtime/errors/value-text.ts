/** What a value looks like as text: JSON, where the value is JSON data. */
export interface ValueText {
  readonly text: string;
  /** It is the beginning only: the value goes on, or nests deeper. */
  readonly cut: boolean;
}

/** Nothing is shown from deeper down. */
const levelsMax = 500;

/**
 * Text of any value, of at most about `charactersMax` characters. It never throws and calls no code of the value's
 * (getters, `toJSON`, `toString`), except that a proxy's traps can't be avoided; time and memory are bounded by the characters
 * whatever the value refers to. Plain JSON data comes out as `JSON.stringify` writes it, bigints as their digits.
 */
export function valueText(value: unknown, charactersMax: number): ValueText {
  const writer: Writer = { text: "", charactersMax, cut: false, around: new Set() };
  write(writer, value);
  if (writer.text.length <= charactersMax) return writer;
  return { text: writer.text.slice(0, charactersMax), cut: true };
}

interface Writer {
  text: string;
  readonly charactersMax: number;
  cut: boolean;
  /** The objects that the one in hand is in. */
  readonly around: Set<object>;
}

function write(writer: Writer, value: unknown): void {
  switch (typeof value) {
    case "string":
      return writeText(writer, value);
    case "number":
      writer.text += Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
      return;
    case "object":
      return value === null ? void (writer.text += "null") : writeObject(writer, value);
    case "function":
      writer.text += '"[function]"';
      return;
    case "symbol":
      return writeText(writer, `[${String(value)}]`);
    default:
      writer.text += String(value);
  }
}

function writeText(writer: Writer, text: string): void {
  const left = Math.max(0, writer.charactersMax - writer.text.length);
  if (text.length > left) writer.cut = true;
  writer.text += JSON.stringify(text.slice(0, left));
}

function writeObject(writer: Writer, value: object): void {
  if (writer.around.has(value)) return void (writer.text += '"[cycle]"');
  if (writer.around.size >= levelsMax) {
    writer.cut = true;
    return void (writer.text += `"[deeper than ${levelsMax} levels]"`);
  }
  const before = writer.text.length;
  writer.around.add(value);
  try {
    writeMembers(writer, value);
  } catch {
    // A proxy whose traps throw, or that was revoked.
    writer.text = `${writer.text.slice(0, before)}"[unreadable]"`;
  } finally {
    writer.around.delete(value);
  }
}

function writeMembers(writer: Writer, value: object): void {
  if (value instanceof Date) return writeText(writer, dateText(value));
  if (value instanceof Error) return writeText(writer, errorText(value));
  if (value instanceof Map) return writeList(writer, Map.prototype.entries.call(value));
  if (value instanceof Set) return writeList(writer, Set.prototype.values.call(value));
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return writeList(writer, Array.prototype.values.call(value));
  if (Array.isArray(value)) return writeList(writer, ownElements(value));
  writer.text += "{";
  let isFirst = true;
  for (const name of Object.keys(value)) {
    if (isFull(writer)) break;
    const member = ownValue(value, name);
    if (member === undefined) continue;
    if (!isFirst) writer.text += ",";
    isFirst = false;
    writeText(writer, name);
    writer.text += ":";
    write(writer, member);
  }
  writer.text += "}";
}

function writeList(writer: Writer, elements: Iterable<unknown>): void {
  writer.text += "[";
  let isFirst = true;
  for (const element of elements) {
    if (isFull(writer)) break;
    if (!isFirst) writer.text += ",";
    isFirst = false;
    write(writer, element === undefined ? null : element);
  }
  writer.text += "]";
}

function* ownElements(array: readonly unknown[]): Iterable<unknown> {
  for (let at = 0; at < array.length; at++) yield ownValue(array, String(at));
}

/** A property without asking its getter. */
function ownValue(value: object, name: string): unknown {
  const property = Object.getOwnPropertyDescriptor(value, name);
  return property?.get === undefined && property?.set === undefined ? property?.value : "[getter]";
}

function isFull(writer: Writer): boolean {
  if (writer.text.length < writer.charactersMax) return false;
  writer.cut = true;
  return true;
}

function dateText(date: Date): string {
  const timeMs = Date.prototype.getTime.call(date);
  return Number.isNaN(timeMs) ? "Invalid Date" : new Date(timeMs).toISOString();
}

function errorText(error: Error): string {
  const message = ownValue(error, "message");
  return typeof message === "string" ? `[error: ${message}]` : "[error]";
}
