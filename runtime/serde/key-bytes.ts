import type { KeyValue } from "../graph/key-value.ts";
import { invalidKey, KeySink } from "./key-sink.ts";

/**
 * The canonical bytes of a key (format 1, frozen by test/golden/keys.json): a tag byte for the type, then
 * string: length and UTF-8 (half of a surrogate pair: three bytes, as in WTF-8); number: 8 bytes of a big-endian double (-0 as 0); bigint: sign, length and magnitude;
 * boolean: its tag alone; tuple: count and items; record: count, then name and value by ascending name.
 * Lengths and counts are 32-bit big-endian.
 */
export function keyBytes(key: KeyValue): Uint8Array {
  return written(key, (sink) => sink.bytes());
}

/** murmur3 of the canonical bytes of a key, which places it. */
export function keyHash(key: KeyValue): number {
  return written(key, hashOfSink);
}

/** Made for the first key; absent while a key is written. */
let spareSink: KeySink | undefined;

function written<R>(key: KeyValue, result: (sink: KeySink) => R): R {
  const sink = spareSink ?? new KeySink();
  // Reading a key may run code of users, and that may ask for the bytes of another one.
  spareSink = undefined;
  sink.reset();
  writeKey(sink, key, 0);
  const made = result(sink);
  spareSink = sink;
  return made;
}

const hashOfSink = (sink: KeySink): number => sink.hash();

const tags = { string: 1, number: 2, bigint: 3, true: 4, false: 5, tuple: 6, record: 7 } as const;
/** Nesting that a key may have; deeper ones are refused. */
export const maxKeyDepth = 8;

function writeKey(sink: KeySink, key: KeyValue, depth: number): void {
  if (depth > maxKeyDepth) throw nestedTooDeep();
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

function writeComposite(sink: KeySink, key: KeyValue & object, depth: number): void {
  if (key === null) throw invalidKey("it is null");
  if (Array.isArray(key)) {
    sink.byte(tags.tuple);
    sink.uint32(key.length);
    for (const item of key as readonly KeyValue[]) writeKey(sink, item, depth + 1);
    return;
  }
  const fields = fieldsOf(key);
  sink.byte(tags.record);
  sink.uint32(fields.length);
  for (const [name, value] of fields) {
    sink.text(name);
    writeKey(sink, value, depth + 1);
  }
}

/** The fields of a record by ascending name. */
export function fieldsOf(key: KeyValue & object): readonly [string, KeyValue][] {
  const prototype: unknown = Object.getPrototypeOf(key);
  if (prototype !== Object.prototype && prototype !== null)
    throw invalidKey("it is an object of a class");
  const fields = Object.entries(key as Readonly<Record<string, KeyValue>>);
  return fields.sort(([left], [right]) => (left < right ? -1 : 1));
}

function writeBigint(sink: KeySink, key: bigint): void {
  sink.byte(key < 0n ? 0 : 1);
  const hex = (key < 0n ? -key : key).toString(16);
  const digits = hex.length % 2 === 0 ? hex : `0${hex}`;
  sink.uint32(digits.length / 2);
  for (let at = 0; at < digits.length; at += 2)
    sink.byte(Number.parseInt(digits.slice(at, at + 2), 16));
}

export function nestedTooDeep(): Error {
  return invalidKey(`it is nested deeper than ${maxKeyDepth} levels`);
}
