import { expect, test } from "vitest";
import { type FileRow, readFlights } from "../../../examples/flight-delays/flights-file.ts";

/** Spans the end of the first row group. */
const groupEnd = 272_727;

async function read(...options: Parameters<typeof readFlights>): Promise<readonly FileRow[]> {
  const rows: FileRow[] = [];
  for await (const batch of readFlights(...options)) rows.push(...batch);
  return rows;
}

test("the first thousand rows are as in the file", async () => {
  const rows = await read(1_000);
  expect(rows[0]).toEqual({
    row: 0,
    departureMs: Date.UTC(2001, 0, 1, 0, 1),
    delay: 33,
    distance: 2_176,
    origin: "LAS",
    destination: "PHL",
  });
  expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
  for (const { departureMs, delay, distance, origin, destination } of rows) {
    expect(departureMs % 60_000).toBe(0);
    expect(Number.isSafeInteger(delay)).toBe(true);
    expect(distance).toBeGreaterThan(0);
    expect(`${origin}${destination}`).toMatch(/^[A-Z]{6}$/);
  }
});

test("reading from a row gives what follows it in a full reading, across row groups too", async () => {
  const [fromRow, count] = [groupEnd - 20, groupEnd + 30];
  const all = await read(count);
  expect(all).toHaveLength(count);
  expect(await read(count, { fromRow })).toEqual(all.slice(fromRow));
});

test("nothing is read where the first row is the last", async () => {
  expect(await read(1_000, { fromRow: 1_000 })).toEqual([]);
});

test("the first 600,000 rows are sorted by departure, and the schema refuses exactly one", async () => {
  const refused: FileRow[] = [];
  let rows = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let isSorted = true;
  for await (const batch of readFlights(600_000)) {
    for (const flight of batch) {
      rows += 1;
      if (flight.departureMs < lastMs) isSorted = false;
      lastMs = flight.departureMs;
      if (flight.delay < -120) refused.push(flight);
    }
  }
  expect(rows).toBe(600_000);
  expect(isSorted).toBe(true);
  expect(refused.map(({ row, delay }) => ({ row, delay }))).toEqual([
    { row: 515_377, delay: -212 },
  ]);
});
