import { setTimeout as wait } from "node:timers/promises";
import { putRecords, type RecordWriter } from "millrace/dev";
import { type FileRow, readFlights } from "./flights-file.ts";

export interface FeedOptions {
  readonly writer: RecordWriter;
  readonly stream: string;
  /** Row of the file at which feeding ends. */
  readonly count: number;
  /** Row to begin at: what `onPut` was told last, to go on where an earlier feed ended. Default: 0. */
  readonly fromRow?: number;
  /** Records per second; absent: as fast as it goes. */
  readonly rate?: number;
  /** Told after each put: every row before this one is in the stream. */
  readonly onPut?: (nextRow: number) => void;
}

const recordsPerPut = 500;

/** Puts rows in file order, as JSON. A put that throws may have been written, so it is the caller's to decide. */
export async function feedFlights(options: FeedOptions): Promise<void> {
  const { writer, stream, count, fromRow = 0, rate, onPut } = options;
  const startedMs = performance.now();
  let nextRow = fromRow;
  for await (const rows of readFlights(count, { fromRow })) {
    for (let at = 0; at < rows.length; at += recordsPerPut) {
      const entries = rows.slice(at, at + recordsPerPut).map(toEntry);
      await putRecords({ writer, stream, entries });
      nextRow += entries.length;
      onPut?.(nextRow);
      if (rate === undefined) continue;
      const dueMs = ((nextRow - fromRow) / rate) * 1_000;
      await wait(Math.max(0, startedMs + dueMs - performance.now()));
    }
  }
}

const utf8 = new TextEncoder();

/** About 100 bytes of JSON under the row's number, which spreads the rows over the shards. */
function toEntry({ row, departureMs, delay, distance, origin, destination }: FileRow) {
  const date = new Date(departureMs).toISOString().slice(0, 16);
  const data = utf8.encode(JSON.stringify({ row, date, delay, distance, origin, destination }));
  return { partitionKey: String(row), data };
}
