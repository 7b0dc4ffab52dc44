import { setTimeout as wait } from "node:timers/promises";
import { type FileRow, readFlights } from "./flights-file.ts";

/** What feeding needs of a stream: the writer that any producer uses. */
export interface RecordWriter {
  put(
    stream: string,
    entries: readonly { readonly partitionKey: string; readonly data: Uint8Array }[],
  ): Promise<readonly { readonly put: boolean }[]>;
}

export interface FeedOptions {
  readonly writer: RecordWriter;
  readonly stream: string;
  readonly count: number;
  /** Records per second; absent: as fast as it goes. */
  readonly rate?: number;
  readonly onPut?: (total: number) => void;
}

const recordsPerPut = 500;

/** Puts rows in file order, as JSON, and puts again what the stream refused. */
export async function feedFlights({
  writer,
  stream,
  count,
  rate,
  onPut,
}: FeedOptions): Promise<void> {
  const startedMs = performance.now();
  let total = 0;
  for await (const rows of readFlights(count)) {
    for (let at = 0; at < rows.length; at += recordsPerPut) {
      let entries = rows.slice(at, at + recordsPerPut).map(toEntry);
      total += entries.length;
      while (entries.length > 0) {
        const results = await writer.put(stream, entries);
        entries = entries.filter((_, index) => results[index]?.put !== true);
      }
      onPut?.(total);
      const dueMs =
        rate === undefined ? 0 : (total / rate) * 1_000 - (performance.now() - startedMs);
      // Without a rate too: whoever reads and displays in this process gets its turn.
      await wait(Math.max(0, dueMs));
    }
  }
}

const utf8 = new TextEncoder();

/** About 105 bytes of JSON under the row's number, which spreads the rows over the shards. */
function toEntry({ row, departureMs, delay, distance, origin, destination }: FileRow) {
  const date = new Date(departureMs).toISOString().slice(0, 16);
  const data = utf8.encode(JSON.stringify({ row, date, delay, distance, origin, destination }));
  return { partitionKey: String(row), data };
}
