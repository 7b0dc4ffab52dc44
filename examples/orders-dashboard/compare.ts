import type { PlainResults, Row, Table } from "./plain.ts";

export interface JobOutput {
  /** The rows of a table, in no order. */
  readonly scan: (table: Table) => AsyncIterable<Row>;
  readonly deadLetters: number;
}

export interface Comparison {
  /** The first differences, readable; empty where all is equal. */
  readonly differences: readonly string[];
  readonly differenceCount: number;
  /** How many rows each table has. */
  readonly rows: Readonly<Record<Table, number>>;
  /** How many rows of `revenue-by-minute` the job with averages has written. */
  readonly rowsWithAverage: number;
  /** What the job's tables hold, by the fields of their key joined with `|`. */
  readonly results: PlainResults["tables"];
}

const differencesShown = 20;

const keyFields: Readonly<Record<Table, readonly string[]>> = {
  "revenue-by-minute": ["country", "minuteMs"],
  "country-totals": ["country"],
  "top-products": ["hourMs"],
  "activity-by-minute": ["country", "startMs"],
  "customer-sessions": ["customer", "startMs"],
};
const tables = Object.keys(keyFields) as Table[];

/** Fields that rows need not have, for they are older than the version of the job that writes them; where they are, they are right. */
const newFields: ReadonlySet<string> = new Set(["averageOrderCents"]);

/** Holds the job's tables against the plain computation. */
export async function compare(job: JobOutput, plain: PlainResults): Promise<Comparison> {
  const results = {} as Record<Table, ReadonlyMap<string, Row>>;
  for (const table of tables) results[table] = await readTable(job, table);
  const differences: string[] = [];
  let differenceCount = 0;
  for (const difference of differencesOf({ ...job, results }, plain)) {
    differenceCount += 1;
    if (differences.length < differencesShown) differences.push(difference);
  }
  const sizes = tables.map((table) => [table, results[table].size]);
  const minutes = [...results["revenue-by-minute"].values()];
  return {
    differences,
    differenceCount,
    rows: Object.fromEntries(sizes) as Record<Table, number>,
    rowsWithAverage: minutes.filter((row) => "averageOrderCents" in row).length,
    results,
  };
}

async function readTable({ scan }: JobOutput, table: Table): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  for await (const row of scan(table))
    rows.set(keyFields[table].map((field) => String(row[field])).join("|"), row);
  return rows;
}

function* differencesOf(
  { deadLetters, results }: Pick<JobOutput, "deadLetters"> & Pick<Comparison, "results">,
  plain: PlainResults,
): Generator<string> {
  if (deadLetters !== plain.refused)
    yield `dead letters: ${deadLetters}, but ${plain.refused} records can't be read`;
  for (const table of tables) {
    const [found, expected] = [results[table], plain.tables[table]];
    for (const [key, row] of expected) {
      const is = found.get(key);
      const should = is === undefined ? row : withoutMissing(row, is);
      if (textOf(is) !== textOf(should))
        yield `${table} ${key}: ${textOf(is) ?? "missing"}, expected ${textOf(should)}`;
    }
    for (const key of found.keys()) if (!expected.has(key)) yield `${table} ${key}: not expected`;
  }
}

/** An expected row without the new fields that the row which was found lacks. */
function withoutMissing(expected: Row, found: Row): Row {
  const fields = Object.entries(expected).filter(([name]) => name in found || !newFields.has(name));
  return Object.fromEntries(fields);
}

/** JSON in which the order of fields makes no difference. */
function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)),
        )
      : part,
  );
}
