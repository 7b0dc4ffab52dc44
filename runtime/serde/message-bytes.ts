const utf8 = new TextEncoder();

/** Types of our own among MessagePack's extensions; the others are msgpackr's. */
export const extensionTypes = {
  /** A text that was cut within a pair of surrogates: its UTF-16 units. */
  looseText: 0x54,
  /** An object whose fields can't be those of a record: names and values in turn. */
  fields: 0x4f,
  /** The same without a prototype. */
  bareFields: 0x4e,
  bigint: 0x42,
  record: 0x72,
  set: 0x73,
  typed: 0x74,
  regExp: 0x78,
  date: 0xff,
} as const;

/** Shapes of records in a compact message have ids from here on, which stand where small numbers would. */
export const firstShapeId = 0x40;

/** Those of a plain message: each holds all of its content, so that whoever does not know one can pass over it (docs/formats.md). */
export const plainTypes = {
  map: 1,
  set: 2,
  fields: 3,
  bareFields: 4,
  regExp: 5,
  invalidDate: 6,
} as const;

/** Up to so many UTF-16 units a text is written faster here than by the encoder. */
const shortTextMax = 24;

/** A buffer that grows, and MessagePack's scalars in it: byte for byte as msgpackr writes them, but for -0, which stays -0. */
export class MessageBytes {
  protected buffer = new Uint8Array(8_192);
  protected view = new DataView(this.buffer.buffer);
  length = 0;

  /** Bytes that it takes in memory. */
  get capacity(): number {
    return this.buffer.length;
  }

  /** A copy of what was written from a place on. */
  slice(from: number, to = this.length): Uint8Array {
    return this.buffer.slice(from, to);
  }

  /** What was written, where it is: it stands until more is. */
  written(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Appends once more what was written between two places. */
  copyWithin(from: number, to: number): void {
    this.reserve(to - from);
    this.buffer.copyWithin(this.length, from, to);
    this.length += to - from;
  }

  /** The head of an array of so many elements, which follow. */
  arrayOf(count: number): void {
    this.count(count, 0x90, 0xdc);
  }

  /** An array of numbers. */
  numbers(values: readonly number[]): void {
    this.arrayOf(values.length);
    for (const value of values) this.number(value);
  }

  number(value: number): void {
    this.reserve(9);
    if (value >>> 0 === value && (value !== 0 || !Object.is(value, -0))) this.#unsigned(value);
    else if (value >> 0 === value && value < 0) this.#negative(value);
    else {
      this.buffer[this.length] = 0xcb;
      this.view.setFloat64(this.length + 1, value);
      this.length += 9;
    }
  }

  /** The head of something with a count: one byte for few, else a tag with 16 or 32 bits. */
  count(count: number, few: number, tag16: number): void {
    this.reserve(5);
    if (count < 0x10) this.buffer[this.length++] = few | count;
    else if (count < 0x10000) this.#tagged16(tag16, count);
    else this.#tagged32(tag16 + 1, count);
  }

  /** A text; false where it can't be UTF-8, and nothing was written. */
  text(value: string): boolean {
    const units = value.length;
    if (units > shortTextMax) return this.#longText(value);
    this.reserve(units * 3 + 2);
    const start = this.length;
    let at = start + 1;
    const { buffer } = this;
    for (let index = 0; index < units; index++) {
      const unit = value.charCodeAt(index);
      if (unit < 0x80) buffer[at++] = unit;
      else if (unit < 0x800) {
        buffer[at++] = 0xc0 | (unit >> 6);
        buffer[at++] = 0x80 | (unit & 0x3f);
      } else if (unit < 0xd800 || unit > 0xdfff) {
        buffer[at++] = 0xe0 | (unit >> 12);
        buffer[at++] = 0x80 | ((unit >> 6) & 0x3f);
        buffer[at++] = 0x80 | (unit & 0x3f);
      } else return this.#longText(value);
    }
    const bytes = at - start - 1;
    if (bytes < 0x20) {
      buffer[start] = 0xa0 | bytes;
      this.length = at;
      return true;
    }
    buffer.copyWithin(start + 2, start + 1, at++);
    buffer[start] = 0xd9;
    buffer[start + 1] = bytes;
    this.length = at;
    return true;
  }

  bigint(value: bigint): void {
    const isSigned = value < 0x8000000000000000n && value >= -0x8000000000000000n;
    if (isSigned || (value > 0n && value < 0x10000000000000000n)) {
      this.reserve(9);
      this.buffer[this.length] = isSigned ? 0xd3 : 0xcf;
      this.view.setBigUint64(this.length + 1, BigInt.asUintN(64, value));
      this.length += 9;
      return;
    }
    // Two's complement, in as many words of 64 bits as it needs.
    const digits = (value < 0n ? ~value : value).toString(16);
    const bits = digits.length * 4 - (Math.clz32(Number.parseInt(digits.charAt(0), 16)) - 28);
    const byteCount = (Math.floor(bits / 64) + 1) * 8;
    const hex = BigInt.asUintN(byteCount * 8, value)
      .toString(16)
      .padStart(byteCount * 2, "0");
    const bytes = new Uint8Array(byteCount);
    for (let at = 0; at < byteCount; at++)
      bytes[at] = Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16);
    this.extension(extensionTypes.bigint, bytes);
  }

  binary(bytes: Uint8Array): void {
    this.#sized(bytes.length, binaryTags);
    this.raw(bytes);
  }

  /** A small extension. */
  extension(type: number, bytes: Uint8Array): void {
    const fixed = fixedExtensions[bytes.length];
    if (fixed === undefined) return this.sizedExtension(type, bytes);
    this.byte(fixed);
    this.byte(type);
    this.raw(bytes);
  }

  sizedExtension(type: number, bytes: Uint8Array): void {
    this.extensionHead(type, bytes.length);
    this.raw(bytes);
  }

  /** What precedes so many bytes of an extension. */
  extensionHead(type: number, size: number): void {
    this.#sized(size, extensionTags);
    this.byte(type);
  }

  /** A text that is no UTF-8: its units, as they are. */
  looseText(value: string): void {
    const units = new Uint8Array(value.length * 2);
    const view = new DataView(units.buffer);
    for (let index = 0; index < value.length; index++)
      view.setUint16(index * 2, value.charCodeAt(index));
    this.sizedExtension(extensionTypes.looseText, units);
  }

  /** An extension whose content is what `write` writes. */
  protected nested(type: number, write: () => void): void {
    this.reserve(6);
    this.buffer[this.length] = 0xc9;
    this.buffer[this.length + 5] = type;
    this.length += 6;
    const start = this.length;
    write();
    this.view.setUint32(start - 5, this.length - start);
  }

  #longText(value: string): boolean {
    if (!value.isWellFormed()) return false;
    const units = value.length;
    const headGuess = units < 0x20 ? 1 : units < 0x100 ? 2 : units < 0x10000 ? 3 : 5;
    this.reserve(headGuess + units * 3 + 4);
    const start = this.length;
    const { written } = utf8.encodeInto(value, this.buffer.subarray(start + headGuess));
    const head = written < 0x20 ? 1 : written < 0x100 ? 2 : written < 0x10000 ? 3 : 5;
    if (head !== headGuess)
      this.buffer.copyWithin(start + head, start + headGuess, start + headGuess + written);
    if (head === 1) this.buffer[this.length++] = 0xa0 | written;
    else this.#sized(written, textTags);
    this.length += written;
    return true;
  }

  #sized(size: number, [tag8, tag16, tag32]: SizedTags): void {
    this.reserve(5);
    if (size < 0x100) this.#tagged8(tag8, size);
    else if (size < 0x10000) this.#tagged16(tag16, size);
    else this.#tagged32(tag32, size);
  }

  #unsigned(value: number): void {
    if (value < 0x40) this.buffer[this.length++] = value;
    else if (value < 0x100) this.#tagged8(0xcc, value);
    else if (value < 0x10000) this.#tagged16(0xcd, value);
    else this.#tagged32(0xce, value);
  }

  #negative(value: number): void {
    if (value >= -0x20) this.buffer[this.length++] = value;
    else if (value >= -0x80) this.#tagged8(0xd0, value);
    else if (value >= -0x8000) this.#tagged16(0xd1, value);
    else this.#tagged32(0xd2, value);
  }

  // Room must be reserved; negative numbers come out as two's complement.
  #tagged8(tag: number, value: number): void {
    this.buffer[this.length] = tag;
    this.buffer[this.length + 1] = value;
    this.length += 2;
  }

  #tagged16(tag: number, value: number): void {
    this.buffer[this.length] = tag;
    this.view.setUint16(this.length + 1, value);
    this.length += 3;
  }

  #tagged32(tag: number, value: number): void {
    this.buffer[this.length] = tag;
    this.view.setUint32(this.length + 1, value);
    this.length += 5;
  }
}

/** By how many bytes the size takes: 1, 2 or 4. */
type SizedTags = readonly [number, number, number];
const binaryTags: SizedTags = [0xc4, 0xc5, 0xc6];
const extensionTags: SizedTags = [0xc7, 0xc8, 0xc9];
const textTags: SizedTags = [0xd9, 0xda, 0xdb];

const fixedExtensions: Readonly<Record<number, number>> = {
  1: 0xd4,
  2: 0xd5,
  4: 0xd6,
  8: 0xd7,
  16: 0xd8,
};
