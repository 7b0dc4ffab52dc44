import { stateError } from "../errors/millrace-error.ts";
import type { PutEntry, StreamRecord } from "../ports/streams.ts";

/**
 * The records of one put in one shard, packed. Version 1: a byte 1; then for each record the length of its partition key
 * in UTF-8 (2 bytes) and of its data (4 bytes), both big-endian, the key and the data.
 */
const segmentVersion = 1;
const lengthBytes = 6;

export type PackedRecord = Pick<PutEntry, "partitionKey" | "data">;

export function packSegment(records: readonly PackedRecord[]): Uint8Array {
  // Bytes of UTF-8 are at most three per code unit; what is not used is cut off.
  const bound = records.reduce(
    (sum, { partitionKey, data }) => sum + lengthBytes + 3 * partitionKey.length + data.byteLength,
    1,
  );
  const buffer = Buffer.allocUnsafe(bound);
  let offset = buffer.writeUInt8(segmentVersion, 0);
  for (const { partitionKey, data } of records) {
    const start = offset + lengthBytes;
    const keyBytes = buffer.write(partitionKey, start);
    buffer.writeUInt16BE(keyBytes, offset);
    buffer.writeUInt32BE(data.byteLength, offset + 2);
    buffer.set(data, start + keyBytes);
    offset = start + keyBytes + data.byteLength;
  }
  return buffer.subarray(0, offset);
}

export interface Segment {
  /** Sequence number of its first record. */
  readonly first: number;
  readonly last: number;
  readonly arrivalMs: number;
  readonly packed: Uint8Array;
}

/** Which records of a segment are wanted. */
export interface WantedRecords {
  readonly from: number;
  readonly maxRecords: number;
}

/** Views of the segment's bytes, not copies. */
export function unpackSegment(
  segment: Segment,
  { from, maxRecords }: WantedRecords,
): StreamRecord[] {
  const { first, last, arrivalMs, packed } = segment;
  const buffer = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  if (buffer[0] !== segmentVersion) {
    throw stateError("segment-version-unknown", {
      message: `A segment of a stream has format ${buffer[0]}; this release reads format ${segmentVersion}.`,
      next: "Use the release that wrote it.",
    });
  }
  const records: StreamRecord[] = [];
  let offset = 1;
  for (let sequence = first; sequence <= last && records.length < maxRecords; sequence++) {
    const keyStart = offset + lengthBytes;
    const dataStart = keyStart + buffer.readUInt16BE(offset);
    const end = dataStart + buffer.readUInt32BE(offset + 2);
    if (sequence >= from) {
      const partitionKey = buffer.toString("utf8", keyStart, dataStart);
      const data = packed.subarray(dataStart, end);
      records.push({ sequence: String(sequence), partitionKey, data, arrivalMs });
    }
    offset = end;
  }
  return records;
}
