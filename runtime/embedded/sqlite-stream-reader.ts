import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { StreamReader, StreamRecord } from "../ports/streams.ts";
import { checkReadRequest, firstSequenceOf, readResult } from "./read-range.ts";
import { unpackSegment, type Segment } from "./segment.ts";
import { shardOf } from "./shard-layout.ts";
import { calling } from "./sqlite-database.ts";
import type { SqliteShards } from "./sqlite-shards.ts";

/** As Kinesis, a read stops at the record that takes it over this many bytes. */
const maxReadBytes = 10 * 1024 * 1024;

export function sqliteStreamReader(database: DatabaseSync, shards: SqliteShards): StreamReader {
  const segments = database.prepare(
    "SELECT first, last, arrival, records FROM segment WHERE shard = ? AND last >= ? ORDER BY last",
  );
  const atTime = database.prepare(
    "SELECT first FROM segment WHERE shard = ? AND arrival >= ? ORDER BY arrival, last LIMIT 1",
  );

  const recordsFrom = (shard: number, first: number, maxRecords: number): StreamRecord[] => {
    const records: StreamRecord[] = [];
    let bytes = 0;
    for (const row of segments.iterate(shard, first)) {
      const wanted = { from: first, maxRecords: maxRecords - records.length };
      for (const record of unpackSegment(segmentOf(row), wanted)) {
        records.push(record);
        bytes += record.data.byteLength;
        if (bytes >= maxReadBytes) return records;
      }
      if (records.length >= maxRecords) return records;
    }
    return records;
  };
  return {
    listShards: (stream) => calling(() => shards.statesOf(stream).map(shardOf)),

    read: (request) =>
      calling(() => {
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
        const isEmpty = first >= ends.nextSequence;
        return readResult(from, isEmpty ? [] : recordsFrom(shard, first, maxRecords), ends);
      }),
  };
}

const segmentOf = (row: Record<string, SQLOutputValue>): Segment => ({
  first: row["first"] as number,
  last: row["last"] as number,
  arrivalMs: row["arrival"] as number,
  packed: row["records"] as Uint8Array,
});
