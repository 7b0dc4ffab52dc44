import { inputError } from "../errors/millrace-error.ts";
import type { PutEntry } from "../ports/streams.ts";

/** Kinesis's limits of PutRecords: every adapter keeps them, so that what works embedded works there. */
const maxEntries = 500;
/** Data and partition key of a record together. */
export const maxEntryBytes = 1024 * 1024;
const maxPartitionKeyCharacters = 256;

const hexPosition = /^[0-9a-f]{32}$/;
const utf8 = new TextEncoder();

/** What an entry counts for, in bytes: its data and its partition key in UTF-8. */
export const entryBytes = ({ data, partitionKey }: PutEntry): number =>
  data.byteLength + utf8.encode(partitionKey).length;

/**
 * Checks a whole put before any of it is written, so that a bad entry writes nothing of the others.
 * @throws an InputError that names the stream and the first entry over a limit.
 */
export function checkPut(stream: string, entries: readonly PutEntry[]): void {
  if (entries.length > maxEntries) {
    throw inputError("too-many-records", {
      message: `A put takes at most ${maxEntries} records; the one for the stream "${stream}" has ${entries.length}.`,
      next: "Cut them into several puts.",
    });
  }
  for (const [index, entry] of entries.entries()) checkEntry(stream, entry, index);
}

function checkEntry(stream: string, entry: PutEntry, index: number): void {
  const { partitionKey, explicitHash, data } = entry;
  const where = (): string => `entry ${index} for the stream "${stream}"`;
  // Code points, as Kinesis counts; a text never has more of them than code units.
  const characters =
    partitionKey.length <= maxPartitionKeyCharacters
      ? partitionKey.length
      : Array.from(partitionKey).length;
  if (characters < 1 || characters > maxPartitionKeyCharacters) {
    throw inputError("partition-key-invalid", {
      message: `The partition key of ${where()} has ${characters} characters; it takes 1 to ${maxPartitionKeyCharacters}.`,
      next: "Hash long keys, or give the position with explicitHash.",
    });
  }
  if (!partitionKey.isWellFormed()) {
    throw inputError("partition-key-invalid", {
      message: `The partition key of ${where()} holds half of a surrogate pair.`,
      next: "Cut texts between characters, or mend them with toWellFormed().",
    });
  }
  // A UTF-16 code unit is at most three bytes of UTF-8: most entries are surely small enough without counting.
  const isSurelySmall = data.byteLength + 3 * partitionKey.length <= maxEntryBytes;
  if (!isSurelySmall && entryBytes(entry) > maxEntryBytes) {
    throw inputError("record-too-large", {
      message: `The record in ${where()} has ${entryBytes(entry)} bytes with its partition key; it takes at most ${maxEntryBytes}.`,
      next: "Make the record smaller, or put its data into an object and send the key.",
    });
  }
  if (explicitHash !== undefined && !hexPosition.test(explicitHash)) {
    throw inputError("explicit-hash-invalid", {
      message: `The explicit hash of ${where()} is "${explicitHash}"; it takes 32 lower-case hex digits.`,
      next: "Pad it with zeros on the left.",
    });
  }
}
