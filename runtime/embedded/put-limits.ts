import type { PutEntry } from "../ports/streams.ts";
import { putRefused } from "./stream-errors.ts";

/** Kinesis's limits of PutRecords, so that what works embedded works there. */
export const maxPutRecords = 500;
export const maxRecordBytes = 1024 * 1024;
export const maxPartitionKeyCharacters = 256;

const hexHash = /^[0-9a-f]{32}$/;

/** @throws an InputError that names the first entry over a limit; then nothing of the put may be written. */
export function checkPutLimits(stream: string, entries: readonly PutEntry[]): void {
  if (entries.length > maxPutRecords) {
    throw putRefused(
      "too-many-records",
      `A put takes at most ${maxPutRecords} records; the one for the stream "${stream}" has ${entries.length}.`,
      "Cut them into several puts.",
    );
  }
  for (const [index, entry] of entries.entries()) checkEntry(`entry ${index} of the put`, entry);
}

function checkEntry(where: string, { partitionKey, explicitHash, data }: PutEntry): void {
  // Code points, as Kinesis counts; a text never has more of them than code units.
  const characters =
    partitionKey.length <= maxPartitionKeyCharacters
      ? partitionKey.length
      : Array.from(partitionKey).length;
  if (characters < 1 || characters > maxPartitionKeyCharacters) {
    throw putRefused(
      "partition-key-invalid",
      `The partition key of ${where} has ${characters} characters; it takes 1 to ${maxPartitionKeyCharacters}.`,
      "Hash long keys, or give the position with explicitHash.",
    );
  }
  const bytes = data.byteLength + Buffer.byteLength(partitionKey);
  if (bytes > maxRecordBytes) {
    throw putRefused(
      "record-too-large",
      `The record in ${where} has ${bytes} bytes with its partition key; it takes at most ${maxRecordBytes}.`,
      "Cut the record, or put its body into an object store and send the key.",
    );
  }
  if (explicitHash !== undefined && !hexHash.test(explicitHash)) {
    throw putRefused(
      "explicit-hash-invalid",
      `The explicit hash of ${where} is "${explicitHash}"; it takes 32 lower-case hex digits.`,
      "Pad it with zeros on the left.",
    );
  }
}
