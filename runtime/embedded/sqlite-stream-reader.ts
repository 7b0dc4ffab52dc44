import type { DatabaseSync } from "node:sqlite";
import type { StreamReader, StreamRecord } from "../ports/streams.ts";
import { checkReadRequest, firstSequenceOf, readResult } from "./read-range.ts";
import { unpackSegment, type Segment } from "./segment.ts";
import { shardOf } from "./shard-layout.ts";
import { checkedRow, damagedStore, type FoundRow } from "./row-checksum.ts";
import { calling } from "./sqlite-database.ts";
import type { SqliteShards } from "./sqlite-shards.ts";

/** As Kinesis, a read stops at the record that takes it over this many bytes. */
const maxReadBytes = 10 * 1024 * 1024;

/** Records from a sequence number on; `next` is that of the shard's end. */
interface Wanted {
  readonly first: number;
  readonly next: number;
  readonly maxRecords: number;
}

export function sqliteStreamReader(database: DatabaseSync, shards: SqliteShards): StreamReader {
  const segments = database.prepare(
    "SELECT * FROM segment WHERE shard = ? AND last >= ? ORDER BY last",
  );
  const atTime = database.prepare(
    "SELECT first FROM segment WHERE shard = ? AND arrival >= ? ORDER BY arrival, last LIMIT 1",
  );

  // Sequence numbers are contiguous: where a segment does not begin behind the one before, records are missing.
  const recordsFrom = (shard: number, { first, next, maxRecords }: Wanted): StreamRecord[] => {
    const records: StreamRecord[] = [];
    let bytes = 0;
    let from = first;
    for (const row of segments.iterate(shard, first)) {
      const segment = segmentOf(row);
      if (segment.first > from) throw recordsMissing(shard, from);
      from = segment.last + 1;
      const wanted = { from: first, maxRecords: maxRecords - records.length };
      for (const record of unpackSegment(segment, wanted)) {
        records.push(record);
        bytes += record.data.byteLength;
        if (bytes >= maxReadBytes) return records;
      }
      if (records.length >= maxRecords) return records;
    }
    if (from < next) throw recordsMissing(shard, from);
    return records;
  };
  return {
    listShards: (stream) => calling(database, () => shards.statesOf(stream).map(shardOf)),

    read: (request) =>
      calling(database, () => {
        checkReadRequest(request);
        const { stream, shardId, from, maxRecords } = request;
        const shard = shards.numberOf(stream, shardId);
        // The ends before the records: a shard that was closed here gets no more of them.
        const ends = shards.endsOf(shard);
        const first = firstSequenceOf(
          from,
          ends,
          (timeMs) => (atTime.get(shard, timeMs)?.["first"] as number) ?? ends.nextSequence,
        );
        const next = ends.nextSequence;
        const isEmpty = first >= next;
        const records = isEmpty ? [] : recordsFrom(shard, { first, next, maxRecords });
        return readResult(from, records, ends);
      }),
  };
}

function segmentOf(found: FoundRow): Segment {
  const row = checkedRow("segment", found);
  return {
    first: row["first"] as number,
    last: row["last"] as number,
    arrivalMs: row["arrival"] as number,
    packed: row["records"] as Uint8Array,
  };
}

const recordsMissing = (shard: number, sequence: number) =>
  damagedStore(`record ${sequence} of shard ${shard} is missing`);
