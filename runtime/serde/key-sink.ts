import { inputError } from "../errors/millrace-error.ts";
import { murmur3 } from "./murmur3.ts";

/** A key may encode to this many bytes. */
export const maxKeyBytes = 2_048;

export function invalidKey(why: string): Error {
  return inputError("key-invalid", {
    message: `A key can't be used: ${why}.`,
    next: "Keys are strings, numbers, bigints, booleans, and tuples or plain records of them.",
  });
}

const utf8 = new TextEncoder();

/** A double and its bytes, in the order of the machine. */
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);
double[0] = 1;
const isLittleEndian = doubleBytes[7] !== 0;

/** Where the bytes of a key are put: a buffer that grows up to the bound of a key. */
export class KeySink {
  #buffer = new Uint8Array(64);
  #length = 0;

  reset(): void {
    this.#length = 0;
  }

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
    const buffer = this.#buffer;
    const start = this.#length;
    double[0] = value;
    if (isLittleEndian)
      for (let at = 0; at < 8; at++) buffer[start + at] = doubleBytes[7 - at] as number;
    else buffer.set(doubleBytes, start);
    this.#length = start + 8;
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
    this.#checkLength();
    return this.#buffer.slice(0, this.#length);
  }

  hash(): number {
    this.#checkLength();
    return murmur3(this.#buffer, 0, this.#length);
  }

  #checkLength(): void {
    if (this.#length > maxKeyBytes) throw invalidKey(`it is longer than ${maxKeyBytes} bytes`);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    this.#checkLength();
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
