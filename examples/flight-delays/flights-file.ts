import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";

/** One row of the file, as it stands there. */
export interface FileRow {
  readonly row: number;
  /** Actual departure, to the minute: local time, read as if it were UTC, in milliseconds since 1970. */
  readonly departureMs: number;
  /** Arrival delay in minutes. */
  readonly delay: number;
  /** In miles. */
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** The package hides the file's path, so it is found beside the package's entry. */
const file = fileURLToPath(
  new URL("../data/flights-3m.parquet", import.meta.resolve("vega-datasets")),
);
const rowsPerRead = 50_000;

/** Reads the first `count` rows in file order, at most 50,000 at a time. */
export async function* readFlights(count: number): AsyncGenerator<readonly FileRow[]> {
  const buffer = await asyncBufferFromFile(join(file));
  const metadata = await parquetMetadataAsync(buffer);
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = Math.min(groupStart + Number(group.num_rows), count);
    for (let start = groupStart; start < groupEnd; start += rowsPerRead) {
      const end = Math.min(start + rowsPerRead, groupEnd);
      const objects = await parquetReadObjects({
        file: buffer,
        metadata,
        rowStart: start,
        rowEnd: end,
        compressors,
      });
      yield objects.map((object, index) => toRow(object, start + index));
    }
    groupStart += Number(group.num_rows);
  }
}

const compressors = { ZSTD: (input: Uint8Array): Uint8Array => zstdDecompressSync(input) };

function toRow(object: Record<string, unknown>, row: number): FileRow {
  const { date, delay, distance, origin, destination } = object as {
    readonly date: Date;
    readonly delay: bigint;
    readonly distance: bigint;
    readonly origin: string;
    readonly destination: string;
  };
  return {
    row,
    departureMs: date.getTime(),
    delay: Number(delay),
    distance: Number(distance),
    origin,
    destination,
  };
}
