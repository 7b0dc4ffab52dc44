import { messageOf, stateError } from "../errors/millrace-error.ts";
import type { Compression } from "../ports/index.ts";
import {
  type EnvelopeKind,
  envelopeKinds,
  newestFormat,
  packNewest,
  unpackFormat,
} from "./formats.ts";
import { murmur3 } from "./murmur3.ts";

/**
 * How everything persisted begins: the head, which is "M", the kind, the number of the kind's format and the id of the
 * compression (0 for none); from format 2 on a checksum; then one MessagePack message (docs/formats.md). Formats are frozen by
 * test/golden.
 *
 * The checksum is murmur3 of the payload xor the head as a number. So it says whether bytes are damaged, and holds the head a
 * second time: where the first was hit, what is ours is not taken for somebody else's (protocol 4.5).
 */
const kinds: ReadonlyMap<number, EnvelopeKind> = new Map(
  Object.entries(envelopeKinds).map(([kind, id]) => [id, kind as EnvelopeKind]),
);

const magic = 0x4d;
const headBytes = 4;
const checksumBytes = 4;
/** No text and hardly any number begins with "M" and three bytes below this: what does is ours, of a newer version perhaps. */
const idLimit = 32;
/** Below this size compressing costs more than it saves. */
const compressFromBytes = 512;
/** Kept for long: compressed at any size. */
const alwaysCompressed: ReadonlySet<EnvelopeKind> = new Set(["part", "segment", "inFlight"]);

export function sealEnvelope(
  kind: EnvelopeKind,
  message: unknown,
  compression: Compression,
): Uint8Array {
  const packed = packNewest(kind, message);
  const isWorthIt = packed.length >= compressFromBytes || alwaysCompressed.has(kind);
  const compressed = isWorthIt && compression.id !== 0;
  const payload = compressed ? compression.compress(packed) : packed;
  const sealed = new Uint8Array(headBytes + checksumBytes + payload.length);
  const head =
    (magic << 24) |
    (envelopeKinds[kind] << 16) |
    (newestFormat(kind) << 8) |
    (compressed ? compression.id : 0);
  writeNumber(sealed, 0, head);
  writeNumber(sealed, headBytes, head ^ murmur3(payload));
  sealed.set(payload, headBytes + checksumBytes);
  return sealed;
}

/** As a DataView does it, which would cost more than it. */
function writeNumber(bytes: Uint8Array, at: number, number: number): void {
  bytes[at] = number >>> 24;
  bytes[at + 1] = number >>> 16;
  bytes[at + 2] = number >>> 8;
  bytes[at + 3] = number;
}

function numberAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/**
 * The kind of an envelope; undefined for bytes that are none. Of damaged ones it is what one of the two copies of the head says.
 * @throws MillraceError `format-unknown` for a kind that this version does not know.
 */
export function envelopeKind(bytes: Uint8Array): EnvelopeKind | undefined {
  const kind = isHead(bytes) ? kinds.get(bytes[1] as number) : undefined;
  if (kind !== undefined) return kind;
  const head = copyOfHead(bytes) ?? (isHead(bytes) ? bytes : undefined);
  if (head === undefined) return undefined;
  const copied = kinds.get(head[1] as number);
  if (copied !== undefined) return copied;
  throw unknownFormat("Persisted data", `its kind ${head[1]} isn't known here`);
}

/** Of a head that was cut off, two bytes are enough. */
function isHead(bytes: Uint8Array): boolean {
  if (bytes[0] !== magic || bytes.length < 2) return false;
  const kind = bytes[1] ?? 1;
  const format = bytes[2] ?? 1;
  return kind > 0 && kind < idLimit && format > 0 && format < idLimit && (bytes[3] ?? 0) < idLimit;
}

/** The head that the checksum holds; undefined where that isn't one. */
function copyOfHead(bytes: Uint8Array): Uint8Array | undefined {
  const number = numberInChecksum(bytes);
  if (number === undefined) return undefined;
  const copy = new Uint8Array(headBytes);
  writeNumber(copy, 0, number);
  return isHead(copy) ? copy : undefined;
}

/** The checksum without that of the payload: of whole bytes it is the head. */
function numberInChecksum(bytes: Uint8Array): number | undefined {
  const start = headBytes + checksumBytes;
  if (bytes.length < start) return undefined;
  return numberAt(bytes, headBytes) ^ (murmur3(bytes.subarray(start)) | 0);
}

/** Whether bytes are missing, or not as they were written. */
function isDamaged(kind: EnvelopeKind, bytes: Uint8Array): boolean {
  if (bytes.length < headBytes || !isHead(bytes)) return true;
  if (numberInChecksum(bytes) === numberAt(bytes, 0)) return false;
  const newest = newestFormat(kind);
  const copy = copyOfHead(bytes);
  // Format 1 has no checksum: there the payload has to tell. But one bit makes it of format 3, whose copy of the head knows better.
  if (bytes[2] === 1)
    return copy !== undefined && isLaterFormat(copy[2], newest) && copy[1] === bytes[1];
  // A newer format may have no such copy; one that says something else tells which of the two was hit.
  return copy?.some((byte, at) => byte !== bytes[at]) ?? isLaterFormat(bytes[2], newest);
}

function isLaterFormat(format: number | undefined, newest: number): boolean {
  return format !== undefined && format > 1 && format <= newest;
}

/**
 * The message of an envelope.
 * @param about what the bytes are, for errors: `Object "a/b"`
 * @throws MillraceError `format-unknown` for another kind, a newer format or an unknown compression; `format-corrupt` for bytes
 * that are not as they were written.
 */
export function openEnvelope(
  kind: EnvelopeKind,
  bytes: Uint8Array,
  compression: Compression,
  about = "Persisted data",
): unknown {
  if (isDamaged(kind, bytes)) throw corrupt(kind, bytes, { about });
  const format = bytes[2] as number;
  const found = envelopeKind(bytes);
  if (found !== kind) throw unknownFormat(about, `a ${kind} was expected, and a ${found} found`);
  const newest = newestFormat(kind);
  if (format > newest)
    throw unknownFormat(about, `its format is ${format}, and this version reads up to ${newest}`);
  const compressionId = bytes[3] as number;
  if (compressionId !== 0 && compressionId !== compression.id)
    throw unknownFormat(about, `its compression ${compressionId} isn't known here`);
  const payload = bytes.subarray(format === 1 ? headBytes : headBytes + checksumBytes);
  try {
    const packed = compressionId === 0 ? payload : compression.decompress(payload);
    return unpackFormat(kind, format, packed);
  } catch (cause) {
    throw corrupt(kind, bytes, { about, cause });
  }
}

function corrupt(
  kind: EnvelopeKind,
  { length }: Uint8Array,
  { about, cause }: { readonly about: string; readonly cause?: unknown },
): Error {
  const why = cause === undefined ? "their checksum is another one" : messageOf(cause);
  return stateError("format-corrupt", {
    message: `${about}, a ${kind} of ${length} bytes, can't be read: bytes of it are damaged or missing (${why}).`,
    next: "Restore the object's previous version, or another checkpoint with `millrace restore`.",
    cause,
  });
}

function unknownFormat(about: string, why: string): Error {
  return stateError("format-unknown", {
    message: `${about} can't be read: ${why}.`,
    next: "Run a version of Millrace at least as new as the one that wrote it.",
  });
}
