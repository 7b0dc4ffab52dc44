import { beforeEach, describe, expect, test } from "vitest";
import { compare } from "../../../examples/flight-delays/compare.ts";
import { type PlainResults, plainResultsOf } from "../../../examples/flight-delays/plain.ts";
import { flights, utcMs } from "./flights.ts";

type Row = Record<string, unknown>;

const lateFlight = { at: "2001-01-01T10:05", delay: 60 };
const rows = flights(
  { at: "2001-01-01T10:00", delay: 20 },
  lateFlight,
  { at: "2001-01-01T18:00", delay: 30, origin: "BBB" },
  { at: "2001-01-01T18:00", delay: -500 },
);

let plain: PlainResults;
/** Tables as a correct job leaves them; tests spoil them. */
let tables: Record<string, Row[]>;

beforeEach(async () => {
  plain = await plainResultsOf([rows]);
  const keyed = (key: string, name: string): Row => {
    const [code, startMs] = key.split("|");
    return { [name]: code, startMs: Number(startMs) };
  };
  const hourly = Array.from(plain.hourly, ([key, hour]): Row => ({
    ...keyed(key, "origin"),
    ...hour,
  }));
  const ten = utcMs("2001-01-01T10:00");
  tables = {
    "airport-delays": hourly,
    // One of the two flights at ten came too late.
    "airport-delays-6h": hourly.map((row) =>
      row["startMs"] === ten ? { ...row, flights: 1 } : row,
    ),
    "late-flights": [
      { row: 1, date: "2001-01-01T11:05", delay: 60, origin: "AAA", destination: "ZZZ" },
    ],
    "delay-sessions": Array.from(plain.sessions, ([key, session]) => ({
      ...keyed(key, "destination"),
      ...session,
    })),
    "daily-top-delays": Array.from(plain.topTen, ([day, top]) => ({
      day,
      date: "2001-01-01",
      top: top.map(([origin, delayed]) => ({ origin, delayed })),
    })),
  };
});

async function* scan(table: string): AsyncGenerator<Row> {
  yield* tables[table] ?? [];
}

async function differences(deadLetters = 1): Promise<readonly string[]> {
  return (await compare({ scan, deadLetters }, plain)).differences;
}

/** Changes the first row of a table. */
function spoil(table: string, fields: Row): void {
  Object.assign(tables[table]?.[0] as Row, fields);
}

test("tables of a correct job differ in nothing", async () => {
  const comparison = await compare({ scan, deadLetters: 1 }, plain);
  expect(comparison.differences).toEqual([]);
  expect(comparison.differenceCount).toBe(0);
  expect(comparison.rows).toEqual({
    "airport-delays": 2,
    "airport-delays-6h": 2,
    "late-flights": 1,
    "delay-sessions": 2,
    "daily-top-delays": 1,
  });
});

test("the results are those of the job, not those that were expected", async () => {
  spoil("airport-delays", { flights: 7 });
  const { results } = await compare({ scan, deadLetters: 1 }, plain);
  expect(results.hourly.get(`AAA|${utcMs("2001-01-01T10:00")}`)?.flights).toBe(7);
});

describe("a difference is found", () => {
  test.each(["flights", "meanDelay", "maxDelay", "p95Delay", "delayed"])(
    "in the %s of an hour",
    async (field) => {
      spoil("airport-delays", { [field]: 1_000 });
      expect(await differences()).toEqual([
        expect.stringMatching(/^airport-delays AAA\|\d+: .*1000.*, expected \{"flights":2,/),
      ]);
    },
  );

  test.each(["endMs", "flights", "minutes"])("in the %s of a session", async (field) => {
    spoil("delay-sessions", { [field]: 1_000 });
    expect(await differences()).toHaveLength(1);
  });

  test("where a number became text", async () => {
    spoil("airport-delays", { maxDelay: "60" });
    expect(await differences()).toHaveLength(1);
  });

  test.each(["airport-delays", "airport-delays-6h", "delay-sessions", "daily-top-delays"])(
    "where a row of %s is missing",
    async (table) => {
      tables[table]?.shift();
      expect(await differences()).toHaveLength(1);
    },
  );

  test("where a session stands that a merge has swallowed", async () => {
    const startMs = utcMs("2001-01-01T10:05");
    tables["delay-sessions"]?.push({ destination: "ZZZ", startMs, endMs: 0, flights: 1 });
    expect(await differences()).toEqual([`delay-sessions ZZZ|${startMs}: not expected`]);
  });

  test("where the order of a day's ten is another", async () => {
    const top = [
      { origin: "BBB", delayed: 1 },
      { origin: "AAA", delayed: 2 },
    ];
    spoil("daily-top-delays", { top });
    expect(await differences()).toHaveLength(1);
  });

  test("where a flight is neither counted nor late", async () => {
    spoil("airport-delays-6h", { flights: 0 });
    expect(await differences()).toEqual([expect.stringMatching(/: 1, expected 2$/)]);
  });

  test("where a flight is both counted and late", async () => {
    spoil("airport-delays-6h", { flights: 2 });
    expect(await differences()).toEqual([expect.stringMatching(/: 3, expected 2$/)]);
  });

  test("where no flight is late, though all are counted", async () => {
    tables["late-flights"] = [];
    spoil("airport-delays-6h", { flights: 2 });
    expect(await differences()).toEqual([expect.stringContaining("late-flights: empty")]);
  });

  test("not where no flight is late and none has to be", async () => {
    tables["late-flights"] = [];
    spoil("airport-delays-6h", { flights: 2 });
    const { differences } = await compare({ scan, deadLetters: 1, expectsLate: false }, plain);
    expect(differences).toEqual([]);
  });

  test("in the number of dead letters", async () => {
    expect(await differences(0)).toEqual(["dead letters: 0, but 1 rows break the schema"]);
  });
});

test("the first twenty differences are shown, and all are counted", async () => {
  const extra = Array.from({ length: 30 }, (_, day) => ({ day, top: [] }));
  tables["daily-top-delays"]?.push(...extra);
  const comparison = await compare({ scan, deadLetters: 1 }, plain);
  expect(comparison.differences).toHaveLength(20);
  expect(comparison.differenceCount).toBe(30);
});
