import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import { asyncBufferFromFile, parquetScan } from "hyparquet";

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

export interface ReadOptions {
  /** Rows before this one are left out. Default: 0. */
  readonly fromRow?: number;
}

/** The package hides the file's path, so it is found beside the package's entry. */
const path = fileURLToPath(
  new URL("../data/flights-3m.parquet", import.meta.resolve("vega-datasets")),
);
const columns = ["date", "delay", "distance", "origin", "destination"] as const;
const batchRows = 10_000;

/**
 * Reads the first `count` rows in file order, at most 10,000 at a time. Each row group (272,727 rows, five columns) is decoded
 * once, and one is held at a time.
 */
export async function* readFlights(
  count: number,
  { fromRow = 0 }: ReadOptions = {},
): AsyncGenerator<readonly FileRow[]> {
  const file = await asyncBufferFromFile(path);
  const scan = await parquetScan({ file, columns: [...columns], compressors, parsers });
  for (const { rowStart, rowEnd } of scan.ranges) {
    const endRow = Math.min(rowEnd, count);
    let row = Math.max(rowStart, fromRow);
    if (row >= endRow) continue;
    const decoded = await Promise.all(
      columns.map((column) => scan.readColumn({ column, rowStart, rowEnd })),
    );
    const group = { firstRow: rowStart, columns: decoded as unknown as GroupColumns };
    for (; row < endRow; row += batchRows)
      yield rowsOf(group, row, Math.min(row + batchRows, endRow));
  }
}

const compressors = { ZSTD: (input: Uint8Array): Uint8Array => zstdDecompressSync(input) };

/** Numbers instead of an object per date. */
const parsers = { timestampFromMicroseconds: (micros: bigint): number => Number(micros) / 1_000 };

type GroupColumns = readonly [
  departureMs: readonly number[],
  delay: readonly bigint[],
  distance: readonly bigint[],
  origin: readonly string[],
  destination: readonly string[],
];

interface RowGroup {
  readonly firstRow: number;
  readonly columns: GroupColumns;
}

/** The file has no nulls. */
function rowsOf({ firstRow, columns }: RowGroup, fromRow: number, endRow: number): FileRow[] {
  const [departureMs, delay, distance, origin, destination] = columns;
  const rows: FileRow[] = [];
  for (let row = fromRow; row < endRow; row++) {
    const at = row - firstRow;
    rows.push({
      row,
      departureMs: departureMs[at] as number,
      delay: Number(delay[at]),
      distance: Number(distance[at]),
      origin: origin[at] as string,
      destination: destination[at] as string,
    });
  }
  return rows;
}
