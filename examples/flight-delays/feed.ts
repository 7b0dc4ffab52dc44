import { setTimeout as wait } from "node:timers/promises";
import { type FileRow, readFlights } from "./flights-file.ts";

/** What feeding needs of a stream: the writer that any producer uses. */
export interface RecordWriter {
  put(
    stream: string,
    entries: readonly RecordEntry[],
  ): Promise<readonly { readonly put: boolean }[]>;
}

export interface RecordEntry {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

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
const refusalsMax = 50;
const firstPauseMs = 10;
const longestPauseMs = 1_000;

/**
 * Puts rows in file order, as JSON. What the stream refuses is put again before anything behind it; a put that throws may have been
 * written, so it is the caller's to decide.
 * @throws Error if the stream keeps refusing for most of a minute.
 */
export async function feedFlights(options: FeedOptions): Promise<void> {
  const { count, fromRow = 0, rate, onPut } = options;
  const startedMs = performance.now();
  let nextRow = fromRow;
  for await (const rows of readFlights(count, { fromRow })) {
    for (let at = 0; at < rows.length; at += recordsPerPut) {
      const entries = rows.slice(at, at + recordsPerPut).map(toEntry);
      await putAll(options, entries);
      nextRow += entries.length;
      onPut?.(nextRow);
      const dueMs = rate === undefined ? 0 : ((nextRow - fromRow) / rate) * 1_000;
      // Without a rate too: whoever reads and displays in this process gets its turn.
      await wait(Math.max(0, startedMs + dueMs - performance.now()));
    }
  }
}

async function putAll(
  { writer, stream }: FeedOptions,
  entries: readonly RecordEntry[],
): Promise<void> {
  let missing = entries;
  let pauseMs = firstPauseMs;
  for (let refusals = 0; refusals < refusalsMax; refusals++) {
    const results = await writer.put(stream, missing);
    missing = missing.filter((_, index) => results[index]?.put !== true);
    if (missing.length === 0) return;
    await wait(pauseMs);
    pauseMs = Math.min(2 * pauseMs, longestPauseMs);
  }
  throw new Error(
    `Stream "${stream}" refused row ${missing[0]?.partitionKey} ${refusalsMax} times.`,
  );
}

const utf8 = new TextEncoder();

/** About 100 bytes of JSON under the row's number, which spreads the rows over the shards. */
function toEntry({ row, departureMs, delay, distance, origin, destination }: FileRow): RecordEntry {
  const date = new Date(departureMs).toISOString().slice(0, 16);
  const data = utf8.encode(JSON.stringify({ row, date, delay, distance, origin, destination }));
  return { partitionKey: String(row), data };
}
