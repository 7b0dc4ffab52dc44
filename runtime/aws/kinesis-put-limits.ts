import { inputError } from "../errors/millrace-error.ts";
import type { PutEntry } from "../ports/streams.ts";

const maxEntries = 500;
const maxEntryBytes = 1024 * 1024;
const maxPartitionKeyCharacters = 256;
const hexPosition = /^[0-9a-f]{32}$/;

/** What an entry counts for, in bytes: its data and its partition key in UTF-8. */
export const entryBytes = ({ data, partitionKey }: PutEntry): number =>
  data.byteLength + Buffer.byteLength(partitionKey);

/**
 * Checks a whole put before its first request, so that a bad entry writes nothing of the others.
 * @throws an InputError that names the stream and the entry.
 */
export function checkPut(stream: string, entries: readonly PutEntry[]): void {
  if (entries.length > maxEntries) {
    throw inputError("too-many-records", {
      message: `A put takes at most ${maxEntries} records; the one for the stream "${stream}" has ${entries.length}.`,
      next: "Cut them into several puts.",
    });
  }
  for (const [index, entry] of entries.entries())
    checkEntry(`entry ${index} for the stream "${stream}"`, entry);
}

function checkEntry(where: string, entry: PutEntry): void {
  const characters = Array.from(entry.partitionKey).length;
  if (characters === 0 || characters > maxPartitionKeyCharacters) {
    throw inputError("partition-key-invalid", {
      message: `The partition key of ${where} has ${characters} characters; it takes 1 to ${maxPartitionKeyCharacters}.`,
      next: "Hash long keys, or give the position with explicitHash.",
    });
  }
  const bytes = entryBytes(entry);
  if (bytes > maxEntryBytes) {
    throw inputError("record-too-large", {
      message: `The record in ${where} has ${bytes} bytes with its partition key; it takes at most ${maxEntryBytes}.`,
      next: "Make the record smaller, or put its data into an object and send the key.",
    });
  }
  if (entry.explicitHash !== undefined && !hexPosition.test(entry.explicitHash)) {
    throw inputError("explicit-hash-invalid", {
      message: `The explicit hash of ${where} is "${entry.explicitHash}"; it takes 32 lower-case hex digits.`,
      next: "Pad it with zeros on the left.",
    });
  }
}
