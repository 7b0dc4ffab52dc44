import { expect, test } from "vitest";
import { nexmarkLines } from "../../bench/nexmark/generator.ts";
import { queries, type QueryName } from "../../bench/nexmark/queries.ts";
import { referenceRows } from "../../bench/nexmark/reference.ts";
import { runQuery } from "../../bench/nexmark/run-query.ts";
import { patienceMs } from "../patience.ts";

const lines = [...nexmarkLines({ count: 4_000, rate: 100 })];

test.concurrent.for(Object.keys(queries) as QueryName[])(
  "Nexmark's query %s gives the rows of a plain computation over all events",
  { timeout: patienceMs },
  async (name) => {
    const expected = referenceRows(name, lines);
    expect(expected.length).toBeGreaterThan(0);
    const { rows } = await runQuery({ name, lines });
    expect(sorted(rows)).toEqual(sorted(expected));
  },
);

function sorted(rows: readonly unknown[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
