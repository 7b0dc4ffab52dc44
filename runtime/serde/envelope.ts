import { messageOf, stateError } from "../errors/millrace-error.ts";
import type { Compression } from "../ports/index.ts";
import { packMessage, unpackMessage } from "./msgpack.ts";

/**
 * How everything persisted begins: "M", the kind, the version of the kind's format, the id of the compression (0 for
 * none), then one MessagePack message. Kinds and formats are frozen by test/golden.
 */
export const envelopeKinds = {
  commit: 1,
  frame: 2,
  framePointer: 3,
  tick: 4,
  part: 5,
  segment: 6,
  inFlight: 7,
} as const;
export type EnvelopeKind = keyof typeof envelopeKinds;

/** The newest format that this code writes and reads, by kind. */
export const formatVersion = 1;

const magic = 0x4d;
const headerBytes = 4;
/** Below this size compressing costs more than it saves. */
const compressFromBytes = 512;
/** Kept for long, and read when something went wrong: compressed at any size, for the sake of the compression's checksum. */
const alwaysCompressed: ReadonlySet<EnvelopeKind> = new Set(["part", "segment", "inFlight"]);

export function sealEnvelope(
  kind: EnvelopeKind,
  message: unknown,
  compression: Compression,
): Uint8Array {
  const plain = packMessage(message);
  const isWorthIt = plain.length >= compressFromBytes || alwaysCompressed.has(kind);
  const compressed = isWorthIt && compression.id !== 0;
  const payload = compressed ? compression.compress(plain) : plain;
  const sealed = new Uint8Array(headerBytes + payload.length);
  sealed[0] = magic;
  sealed[1] = envelopeKinds[kind];
  sealed[2] = formatVersion;
  sealed[3] = compressed ? compression.id : 0;
  sealed.set(payload, headerBytes);
  return sealed;
}

/** The kind of an envelope; undefined for bytes that are none. */
export function envelopeKind(bytes: Uint8Array): EnvelopeKind | undefined {
  if (bytes[0] !== magic || bytes.length < headerBytes) return undefined;
  for (const [kind, id] of Object.entries(envelopeKinds))
    if (id === bytes[1]) return kind as EnvelopeKind;
  return undefined;
}

/**
 * The message of an envelope.
 * @throws MillraceError `format-unknown` for another kind, a newer format or an unknown compression; `format-corrupt` for bytes
 * that can't be read. Both name the object where `name` does.
 */
export function openEnvelope(
  kind: EnvelopeKind,
  bytes: Uint8Array,
  compression: Compression,
  name?: string,
): unknown {
  const about = name === undefined ? "Persisted data" : `Object "${name}"`;
  const found = envelopeKind(bytes);
  if (found !== kind)
    throw unknownFormat(
      about,
      `a ${kind} was expected, and ${found ?? "something else"} was found`,
    );
  const format = bytes[2] as number;
  if (format > formatVersion)
    throw unknownFormat(
      about,
      `its format is ${format}, and this version reads up to ${formatVersion}`,
    );
  const compressionId = bytes[3] as number;
  if (compressionId !== 0 && compressionId !== compression.id)
    throw unknownFormat(about, `its compression ${compressionId} isn't known here`);
  const payload = bytes.subarray(headerBytes);
  try {
    return unpackMessage(compressionId === 0 ? payload : compression.decompress(payload));
  } catch (cause) {
    throw stateError("format-corrupt", {
      message: `${about}, a ${kind} of ${bytes.length} bytes, can't be read: bytes of it are damaged or missing (${messageOf(cause)}).`,
      next: "Restore the object's previous version, or use another checkpoint.",
      cause,
    });
  }
}

function unknownFormat(about: string, why: string): Error {
  return stateError("format-unknown", {
    message: `${about} can't be read: ${why}.`,
    next: "Run a version of Millrace at least as new as the one that wrote it.",
  });
}
