import { extensionTypes, firstShapeId, plainTypes } from "./message-bytes.ts";
import { typedArrays } from "./value-kind.ts";
import { withFields } from "./with-fields.ts";

export interface Reading {
  /** A plain message (docs/formats.md), or a compact one. */
  readonly isPlain: boolean;
  /** Bytes in it get memory of their own; otherwise they are views of the message. */
  readonly copies: boolean;
}

/**
 * Reads what MessageWriter writes. msgpackr's reader would do, but most messages are small: for each of them it makes closures for the
 * shapes of its records, and of a block of elements code. In extensions of plain messages it passes over texts.
 * @throws RangeError for what is no such message
 */
export function readMessage(message: Uint8Array, reading: Reading): unknown {
  bytes = message;
  at = 0;
  isPlain = reading.isPlain;
  copiesBytes = reading.copies;
  shapes = [];
  const value = read();
  if (at !== bytes.length) throw new RangeError(`${bytes.length - at} bytes follow the message`);
  return value;
}

// Of the message that is being read.
let bytes: Uint8Array = new Uint8Array();
let at = 0;
let isPlain = false;
let copiesBytes = false;
/** The names of its records' fields, by the ids under which they were defined. */
let shapes: (readonly string[])[] = [];

function read(): unknown {
  const tag = byte();
  if (tag < firstShapeId) return tag;
  if (tag < 0x80) return isPlain ? tag : shaped(tag);
  if (tag < 0x90) return isPlain ? record(tag & 0x0f) : map(tag & 0x0f);
  if (tag < 0xa0) return array(tag & 0x0f);
  if (tag < 0xc0) return text(tag & 0x1f);
  if (tag >= 0xe0) return tag - 0x100;
  if (tag >= 0xc4 && tag <= 0xc9) return tag < 0xc7 ? binary(tag - 0xc4) : sized(tag - 0xc7);
  if (tag === 0xd4 && !isPlain) return followed(byte());
  if (tag >= 0xd4 && tag <= 0xd8) return extension(byte(), 1 << (tag - 0xd4));
  return scalar(tag);
}

function scalar(tag: number): unknown {
  switch (tag) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xca:
      return eight(4).getFloat32(0);
    case 0xcb:
      return eight(8).getFloat64(0);
    case 0xcc:
    case 0xcd:
    case 0xce:
      return unsigned(tag - 0xcc);
    case 0xcf:
      return eight(8).getBigUint64(0);
    case 0xd0:
      return (byte() << 24) >> 24;
    case 0xd1:
      return (unsigned(1) << 16) >> 16;
    case 0xd2:
      return unsigned(2) | 0;
    case 0xd3:
      return eight(8).getBigInt64(0);
    case 0xd9:
    case 0xda:
    case 0xdb:
      return text(unsigned(tag - 0xd9));
    case 0xdc:
    case 0xdd:
      return array(unsigned(tag - 0xdb));
    case 0xde:
    case 0xdf:
      return isPlain ? record(unsigned(tag - 0xdd)) : map(unsigned(tag - 0xdd));
    default:
      throw new RangeError(`${tag} begins no value`);
  }
}

/** Moves on by so many bytes, and answers where they begin. */
function take(size: number): number {
  const start = at;
  at += size;
  if (at > bytes.length) throw cutOff();
  return start;
}

function cutOff(): Error {
  return new RangeError("the message is cut off");
}

function byte(): number {
  return bytes[take(1)] as number;
}

/** A number of 1, 2 or 4 bytes, by the power of two. */
function unsigned(power: number): number {
  let value = byte();
  for (let more = (1 << power) - 1; more > 0; more--) value = value * 0x100 + byte();
  return value;
}

const scratch = new DataView(new ArrayBuffer(8));

/** So many bytes, up to eight: a view of each message would cost more. */
function eight(size: number): DataView {
  const start = take(size);
  for (let index = 0; index < size; index++)
    scratch.setUint8(index, bytes[start + index] as number);
  return scratch;
}

function binary(power: number): Uint8Array {
  const size = unsigned(power);
  const start = take(size);
  return copiesBytes ? bytes.slice(start, at) : bytes.subarray(start, at);
}

function array(size: number): unknown[] {
  // Each element has a byte at least.
  if (size > bytes.length - at) throw cutOff();
  const elements: unknown[] = [];
  for (let index = 0; index < size; index++) elements.push(read());
  return elements;
}

function record(size: number): object {
  const fields: Record<string, unknown> = {};
  for (let index = 0; index < size; index++) {
    const field = name();
    if (field === "__proto__") withFields(fields, [field, read()]);
    else fields[field] = read();
  }
  return fields;
}

function map(size: number): Map<unknown, unknown> {
  const entries = new Map<unknown, unknown>();
  for (let index = 0; index < size; index++) {
    const key = read();
    entries.set(key, read());
  }
  return entries;
}

/** A record whose shape was defined before. */
function shaped(id: number): object {
  const names = shapes[id];
  if (names === undefined) throw new RangeError(`no shape has the id ${id}`);
  const fields: Record<string, unknown> = {};
  for (let index = 0; index < names.length; index++) fields[names[index] as string] = read();
  return fields;
}

/** The first record of its shape: the names of its fields, and then their values. */
function defined(id: number): object {
  const tag = byte();
  const size = tag < 0xa0 ? tag - 0x90 : unsigned(tag - 0xdb);
  if (tag < 0x90 || (tag > 0x9f && tag !== 0xdc && tag !== 0xdd))
    throw new RangeError("a shape without names");
  if (size > bytes.length - at) throw cutOff();
  const names: string[] = [];
  for (let index = 0; index < size; index++) names.push(name());
  if (id < firstShapeId || id > 0x7f || names.includes("__proto__"))
    throw new RangeError(`no shape can have the id ${id} and the names ${names.join()}`);
  shapes[id] = names;
  return shaped(id);
}

/** Up to so many bytes a text is read faster here than by the decoder. */
const shortTextMax = 24;
const unitsBySize = Array.from({ length: shortTextMax + 1 }, (_, size) =>
  Array.from({ length: size }, () => 0),
);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function text(size: number): string {
  const start = take(size);
  const units = unitsBySize[size];
  if (units === undefined) return utf8.decode(bytes.subarray(start, at));
  for (let index = 0; index < size; index++) {
    const unit = bytes[start + index] as number;
    if (unit > 0x7f) return utf8.decode(bytes.subarray(start, at));
    units[index] = unit;
  }
  return String.fromCharCode.apply(undefined, units);
}

interface KnownName {
  readonly name: string;
  readonly bytes: Uint8Array;
}
const knownNames: (KnownName | undefined)[] = Array.from({ length: 1_024 }, () => undefined);

/** The name of a field. Most have been met before, and need not be made anew. */
function name(): string {
  const size = (bytes[at] as number) - 0xa0;
  if (size > 0 && size < 0x20) {
    const start = at + 1;
    const end = start + size;
    const place =
      (size * 37 + (bytes[start] as number) * 11 + (bytes[end - 1] as number)) % knownNames.length;
    const known = knownNames[place];
    if (known !== undefined && stands(known.bytes, start)) {
      at = end;
      return known.name;
    }
    const made = read() as string;
    knownNames[place] = { name: made, bytes: bytes.slice(start, end) };
    return made;
  }
  const made = read();
  if (typeof made !== "string") throw new TypeError("the name of a field is no text");
  return made;
}

function stands(expected: Uint8Array, start: number): boolean {
  if ((bytes[start - 1] as number) - 0xa0 !== expected.length) return false;
  for (let index = 0; index < expected.length; index++)
    if (expected[index] !== bytes[start + index]) return false;
  return true;
}

function sized(power: number): unknown {
  const size = unsigned(power);
  return extension(byte(), size);
}

function extension(type: number, size: number): unknown {
  const start = take(size);
  const end = at;
  switch (type) {
    case 0:
      return undefined;
    case extensionTypes.date:
      return date(start, size);
    case extensionTypes.bigint:
      return bigint(start, end);
    case extensionTypes.looseText:
      return looseText(start, end);
    case extensionTypes.typed:
      return memory(bytes[start] as number, bytes.slice(start + 1, end).buffer);
    default:
      if (!isPlain) throw new RangeError(`extension ${type} is not known`);
      if (type === plainTypes.invalidDate) return new Date(Number.NaN);
      at = start;
      return listed(type, end);
  }
}

/** An extension of one byte in a compact message: of some the content follows. */
function followed(type: number): unknown {
  if (type === extensionTypes.date || type === extensionTypes.bigint) return extension(type, 1);
  const data = byte();
  switch (type) {
    case extensionTypes.record:
      return defined(data);
    case 0:
      return undefined;
    case extensionTypes.set:
      return new Set(parts());
    case extensionTypes.regExp:
      return regExp(parts());
    case extensionTypes.fields:
      return withFields({}, parts());
    case extensionTypes.bareFields:
      return withFields(Object.create(null) as object, parts());
    default:
      throw new RangeError(`extension ${type} is not known`);
  }
}

function parts(): unknown[] {
  const found = read();
  if (!Array.isArray(found)) throw new RangeError("an extension without its content");
  return found as unknown[];
}

function regExp([source, flags]: readonly unknown[]): RegExp {
  return new RegExp(source as string, flags as string);
}

/** An extension of a plain message, which holds an array. */
function listed(type: number, end: number): unknown {
  const parts = read();
  if (at !== end || !Array.isArray(parts)) throw new RangeError(`extension ${type} is not known`);
  switch (type) {
    case plainTypes.map: {
      const map = new Map<unknown, unknown>();
      for (let index = 0; index < parts.length; index += 2) map.set(parts[index], parts[index + 1]);
      return map;
    }
    case plainTypes.set:
      return new Set(parts);
    case plainTypes.fields:
      return withFields({}, parts);
    case plainTypes.bareFields:
      return withFields(Object.create(null) as object, parts);
    case plainTypes.regExp:
      return regExp(parts);
    default:
      throw new RangeError(`extension ${type} is not known`);
  }
}

function bigint(start: number, end: number): bigint {
  let value = BigInt.asIntN(8, BigInt(bytes[start] as number));
  for (let index = start + 1; index < end; index++)
    value = (value << 8n) | BigInt(bytes[index] as number);
  return value;
}

function looseText(start: number, end: number): string {
  let made = "";
  for (let index = start; index < end; index += 2)
    made += String.fromCharCode(((bytes[index] as number) << 8) | (bytes[index + 1] as number));
  return made;
}

function date(start: number, size: number): Date {
  if (size === 1) return new Date(Number.NaN);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, size);
  if (size === 4) return new Date(view.getUint32(0) * 1_000);
  if (size === 8) {
    const high = view.getUint32(0);
    const seconds = (high & 3) * 0x1_0000_0000 + view.getUint32(4);
    return new Date(seconds * 1_000 + (high >>> 2) / 1_000_000);
  }
  return new Date(Number(view.getBigInt64(4)) * 1_000 + view.getUint32(0) / 1_000_000);
}

const codeOfMemory = 0x10;
const codeOfView = 0x11;

function memory(code: number, content: ArrayBuffer): unknown {
  if (code === codeOfMemory) return content;
  if (code === codeOfView) return new DataView(content);
  const type = typedArrays[code];
  if (type === undefined) throw new RangeError(`${code} is no kind of array`);
  return new type(content);
}
