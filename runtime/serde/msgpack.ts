import { Packr } from "msgpackr";

/**
 * MessagePack for everything that is persisted. Plain objects use msgpackr's record extension: their field names stand
 * once in a message, and every message is self-contained. Map, Set, Date, typed arrays and any bigint keep their type.
 */
const packr = new Packr({ useRecords: true, moreTypes: true, useBigIntExtension: true });

/** Bytes of their own: never a view of a shared buffer that a later call overwrites. */
export function packMessage(value: unknown): Uint8Array {
  return packr.pack(value);
}

export function unpackMessage(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}
