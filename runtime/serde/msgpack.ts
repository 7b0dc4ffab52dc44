import { Packr } from "msgpackr";
import { inputError } from "../errors/millrace-error.ts";
import { nestsDeeper } from "./nesting.ts";

/**
 * MessagePack for everything that is persisted. Plain objects use msgpackr's record extension: their field names stand
 * once in a message, and every message is self-contained. Map, Set, Date, typed arrays and any bigint keep their type.
 */
const packr = new Packr({ useRecords: true, moreTypes: true, useBigIntExtension: true });

/**
 * Values may nest so deep: twice as deep as documents, since operators put what they are given into something. Without a bound of
 * our own it would be the stack's, and what was packed here could not be unpacked there.
 */
const levelsMax = 1_000;

/**
 * Bytes of their own: never a view of a shared buffer that a later call overwrites.
 * @throws MillraceError `value-too-deep`
 */
export function packMessage(value: unknown): Uint8Array {
  if (nestsDeeper(value, levelsMax)) throw tooDeep();
  return packr.pack(value);
}

export function unpackMessage(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

function tooDeep(): Error {
  return inputError("value-too-deep", {
    message: `A value nests deeper than ${levelsMax} levels, or holds itself.`,
    next: "Keep and emit flatter values, for example lists of nodes that refer to each other by ids.",
  });
}
