import { beforeEach, describe, expect, test } from "vitest";
import { compare } from "../../../../examples/orders-dashboard/compare.ts";
import {
  type PlainResults,
  plainResultsOf,
  type Row,
  type Table,
} from "../../../../examples/orders-dashboard/plain.ts";
import { eightMs, line, orderEvent, recordsOf } from "./orders.ts";

const records = recordsOf([
  orderEvent({ id: "a" }),
  orderEvent({ id: "b", country: "FR", lines: [line("lamp", 1, 900), line("pan", 2, 450)] }),
  orderEvent({ id: "b", country: "FR", revision: 2, kind: "cancelled" }),
  orderEvent({ id: "c", country: "FR", lines: [line("lamp", 1, 900)] }),
  "refused",
]);

let plain: PlainResults;
/** Tables as a correct job leaves them; tests spoil them. */
let tables: Record<Table, Record<string, unknown>[]>;

beforeEach(() => {
  plain = plainResultsOf(records);
  const copies = Object.entries(plain.tables).map(([table, rows]) => [
    table,
    structuredClone([...rows.values()]),
  ]);
  tables = Object.fromEntries(copies);
});

async function* scan(table: Table): AsyncGenerator<Row> {
  yield* tables[table];
}

const comparison = (deadLetters = 1) => compare({ scan, deadLetters }, plain);
const allTables = Object.keys(plainResultsOf([]).tables) as Table[];

test("tables of a correct job differ in nothing", async () => {
  expect(await comparison()).toMatchObject({
    differences: [],
    differenceCount: 0,
    rowsWithAverage: 2,
    rows: {
      "revenue-by-minute": 2,
      "country-totals": 2,
      "top-products": 1,
      "activity-by-minute": 2,
      "customer-sessions": 1,
    },
  });
});

test("the order of fields makes no difference", async () => {
  for (const rows of Object.values(tables))
    for (const [at, row] of rows.entries())
      rows[at] = Object.fromEntries(Object.entries(row).toReversed());
  expect((await comparison()).differences).toEqual([]);
});

describe("an average that was added later", () => {
  test("may be missing from older rows", async () => {
    delete tables["revenue-by-minute"][0]!["averageOrderCents"];
    const { differences, rowsWithAverage } = await comparison();
    expect(differences).toEqual([]);
    expect(rowsWithAverage).toBe(1);
  });

  test("must be right where it is", async () => {
    tables["revenue-by-minute"][0]!["averageOrderCents"] = 1_001;
    expect((await comparison()).differences).toEqual([
      expect.stringMatching(/^revenue-by-minute DE\|\d+: .*1001.*, expected .*1000/),
    ]);
  });
});

describe("a difference is found", () => {
  test("in every field of every table", async () => {
    for (const table of allTables)
      for (const field of Object.keys(tables[table][0]!)) {
        const row = tables[table][0]!;
        const right = row[field];
        row[field] = "wrong";
        const { differenceCount } = await comparison();
        expect(differenceCount, `${table}.${field}`).toBeGreaterThan(0);
        row[field] = right;
      }
    expect((await comparison()).differences).toEqual([]);
  });

  test.each(allTables)("where a row of %s is missing", async (table) => {
    tables[table].shift();
    expect((await comparison()).differences).toEqual([expect.stringContaining(": missing,")]);
  });

  test.each(allTables)("where %s has a row too many", async (table) => {
    tables[table].push({ country: "XX", customer: "nobody", minuteMs: 0, startMs: 0, hourMs: 0 });
    expect((await comparison()).differences).toEqual([expect.stringMatching(/: not expected$/)]);
  });

  test("where a row lacks a field that every version writes", async () => {
    delete tables["revenue-by-minute"][0]!["cancelled"];
    expect((await comparison()).differences).toHaveLength(1);
  });

  test("where a number became text", async () => {
    tables["country-totals"][0]!["orders"] = "1";
    expect((await comparison()).differences).toHaveLength(1);
  });

  test("where the ten are in another order", async () => {
    const row = tables["top-products"][0]!;
    row["top"] = (row["top"] as unknown[]).toReversed();
    expect((await comparison()).differences).toHaveLength(1);
  });

  test("in the number of dead letters", async () => {
    expect((await comparison(0)).differences).toEqual([
      "dead letters: 0, but 1 records can't be read",
    ]);
  });
});

test("the first twenty differences are shown, and all are counted", async () => {
  for (let at = 0; at < 30; at++)
    tables["activity-by-minute"].push({ country: `X${at}`, startMs: eightMs });
  const { differences, differenceCount } = await comparison();
  expect(differences).toHaveLength(20);
  expect(differenceCount).toBe(30);
});
