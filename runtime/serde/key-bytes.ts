import { inputError } from "../errors/millrace-error.ts";
import type { KeyValue } from "../graph/key-value.ts";

/**
 * The canonical bytes of a key (format 1, frozen by test/golden/keys.json): a tag byte for the type, then
 * string: length and UTF-8 (half of a surrogate pair: three bytes, as in WTF-8); number: 8 bytes of a big-endian double (-0 as 0); bigint: sign, length and magnitude;
 * boolean: its tag alone; tuple: count and items; record: count, then name and value by ascending name.
 * Lengths and counts are 32-bit big-endian.
 */
export function keyBytes(key: KeyValue): Uint8Array {
  const sink = new ByteSink();
  writeKey(sink, key, 0);
  return sink.bytes();
}

const tags = { string: 1, number: 2, bigint: 3, true: 4, false: 5, tuple: 6, record: 7 } as const;
/** Nesting that a key may have; deeper ones are refused. */
const maxKeyDepth = 8;
/** A key may encode to this many bytes. */
const maxKeyBytes = 2_048;

function writeKey(sink: ByteSink, key: KeyValue, depth: number): void {
  if (depth > maxKeyDepth) throw invalidKey(`it is nested deeper than ${maxKeyDepth} levels`);
  switch (typeof key) {
    case "string":
      sink.byte(tags.string);
      return sink.text(key);
    case "number":
      if (Number.isNaN(key)) throw invalidKey("it is NaN");
      sink.byte(tags.number);
      return sink.double(key === 0 ? 0 : key);
    case "bigint":
      sink.byte(tags.bigint);
      return writeBigint(sink, key);
    case "boolean":
      return sink.byte(key ? tags.true : tags.false);
    case "object":
      return writeComposite(sink, key, depth);
    default:
      throw invalidKey(`it is ${typeof key}`);
  }
}

function writeComposite(sink: ByteSink, key: KeyValue & object, depth: number): void {
  if (key === null) throw invalidKey("it is null");
  if (Array.isArray(key)) {
    sink.byte(tags.tuple);
    sink.uint32(key.length);
    for (const item of key as readonly KeyValue[]) writeKey(sink, item, depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(key);
  if (prototype !== Object.prototype && prototype !== null)
    throw invalidKey("it is an object of a class");
  const fields = Object.entries(key as Readonly<Record<string, KeyValue>>);
  fields.sort(([left], [right]) => (left < right ? -1 : 1));
  sink.byte(tags.record);
  sink.uint32(fields.length);
  for (const [name, value] of fields) {
    sink.text(name);
    writeKey(sink, value, depth + 1);
  }
}

function writeBigint(sink: ByteSink, key: bigint): void {
  sink.byte(key < 0n ? 0 : 1);
  const hex = (key < 0n ? -key : key).toString(16);
  const digits = hex.length % 2 === 0 ? hex : `0${hex}`;
  sink.uint32(digits.length / 2);
  for (let at = 0; at < digits.length; at += 2)
    sink.byte(Number.parseInt(digits.slice(at, at + 2), 16));
}

function invalidKey(why: string): Error {
  return inputError("key-invalid", {
    message: `A key can't be used: ${why}.`,
    next: "Keys are strings, numbers, bigints, booleans, and tuples or plain records of them.",
  });
}

const utf8 = new TextEncoder();

/** A buffer that grows up to the bound of a key. */
class ByteSink {
  #buffer = new Uint8Array(64);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  uint32(value: number): void {
    this.#reserve(4);
    const buffer = this.#buffer;
    buffer[this.#length++] = value >>> 24;
    buffer[this.#length++] = value >>> 16;
    buffer[this.#length++] = value >>> 8;
    buffer[this.#length++] = value;
  }

  double(value: number): void {
    this.#reserve(8);
    new DataView(this.#buffer.buffer).setFloat64(this.#length, value);
    this.#length += 8;
  }

  text(value: string): void {
    if (value.length > maxKeyBytes) throw invalidKey(`it is longer than ${maxKeyBytes} bytes`);
    if (!value.isWellFormed()) return this.#looseText(value);
    this.#reserve(4 + value.length * 3);
    const { written } = utf8.encodeInto(value, this.#buffer.subarray(this.#length + 4));
    this.uint32(written);
    this.#length += written;
  }

  /** A text that was cut within a pair of surrogates: UTF-8 has no half ones, so they stand as three bytes (WTF-8). */
  #looseText(value: string): void {
    const start = this.#length;
    this.uint32(0);
    for (const character of value) {
      this.#reserve(4);
      if (character.isWellFormed()) {
        const rest = this.#buffer.subarray(this.#length);
        this.#length += utf8.encodeInto(character, rest).written;
      } else {
        const unit = character.charCodeAt(0);
        this.byte(0xe0 | (unit >> 12));
        this.byte(0x80 | ((unit >> 6) & 0x3f));
        this.byte(0x80 | (unit & 0x3f));
      }
    }
    new DataView(this.#buffer.buffer).setUint32(start, this.#length - start - 4);
  }

  bytes(): Uint8Array {
    if (this.#length > maxKeyBytes) throw invalidKey(`it is longer than ${maxKeyBytes} bytes`);
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    if (this.#length > maxKeyBytes) throw invalidKey(`it is longer than ${maxKeyBytes} bytes`);
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

/**
 * Identity of a key in a Map: the key itself where Map compares it rightly, else a text of its canonical bytes that no
 * plain key can equal.
 */
export function keyIdentity(key: KeyValue): string | number | boolean | bigint {
  switch (typeof key) {
    case "string":
      return key.charCodeAt(0) === 0 ? identityOfBytes(key) : key;
    case "number":
      if (Number.isNaN(key)) throw invalidKey("it is NaN");
      return key;
    case "boolean":
    case "bigint":
      return key;
    default:
      return identityOfBytes(key);
  }
}

function identityOfBytes(key: KeyValue): string {
  return `\0${String.fromCharCode(...keyBytes(key))}`;
}
