import type { PlainResults } from "./plain.ts";

/** What comparing needs of the results: the tables' rows, and how many dead letters there are. */
export interface JobResults {
  scan(table: string): AsyncIterable<Readonly<Record<string, unknown>>>;
  readonly deadLetters: number;
}

export interface Comparison {
  /** The first differences, readable; empty where all is equal. */
  readonly differences: readonly string[];
  readonly differenceCount: number;
  readonly rows: Readonly<Record<string, number>>;
}

const differencesShown = 20;
type TableRow = Readonly<Record<string, unknown>>;

/** Holds the job's tables against the plain computation. */
export async function compare(job: JobResults, plain: PlainResults): Promise<Comparison> {
  const report = reporter();
  if (job.deadLetters !== plain.refused)
    report.differ(`dead letters: ${job.deadLetters}, but ${plain.refused} rows break the schema`);
  await compareHourly(job, plain, report);
  await compareSixHours(job, plain, report);
  await compareSessions(job, plain, report);
  await compareTopTen(job, plain, report);
  return { differences: report.shown, differenceCount: report.count(), rows: report.rows };
}

function reporter() {
  const shown: string[] = [];
  const rows: Record<string, number> = {};
  let count = 0;
  return {
    shown,
    rows,
    count: () => count,
    differ(text: string) {
      count += 1;
      if (shown.length < differencesShown) shown.push(text);
    },
  };
}

type Reporter = ReturnType<typeof reporter>;

async function read(
  job: JobResults,
  table: string,
  keyOf: (row: TableRow) => string,
  report: Reporter,
): Promise<Map<string, TableRow>> {
  const rows = new Map<string, TableRow>();
  for await (const row of job.scan(table)) rows.set(keyOf(row), row);
  report.rows[table] = rows.size;
  return rows;
}

/** Every expected row is there with equal fields, and no other row is. */
function compareRows(
  table: string,
  found: ReadonlyMap<string, TableRow>,
  expected: ReadonlyMap<string, object>,
  report: Reporter,
): void {
  for (const [key, fields] of expected) {
    const row = found.get(key);
    const picked =
      row === undefined
        ? undefined
        : Object.fromEntries(Object.keys(fields).map((name) => [name, row[name]]));
    const [is, should] = [JSON.stringify(picked), JSON.stringify(fields)];
    if (is !== should) report.differ(`${table} ${key}: ${is ?? "missing"}, expected ${should}`);
  }
  for (const key of found.keys())
    if (!expected.has(key)) report.differ(`${table} ${key}: not expected`);
}

async function compareHourly(
  job: JobResults,
  plain: PlainResults,
  report: Reporter,
): Promise<void> {
  const found = await read(job, "airport-delays", originHour, report);
  compareRows("airport-delays", found, plain.hourly, report);
}

/** Which flights are too late depends on when ticks came; together with those that were counted they are all. */
async function compareSixHours(
  job: JobResults,
  plain: PlainResults,
  report: Reporter,
): Promise<void> {
  const counted = await read(job, "airport-delays-6h", originHour, report);
  const late = await read(job, "late-flights", (row) => String(row["row"]), report);
  const totals = new Map([...counted].map(([key, row]) => [key, Number(row["flights"])]));
  for (const { origin, date, delay } of late.values()) {
    const timeMs = Date.parse(`${String(date)}:00Z`) - Number(delay) * 60_000;
    const key = `${String(origin)}|${timeMs - (((timeMs % 3_600_000) + 3_600_000) % 3_600_000)}`;
    totals.set(key, (totals.get(key) ?? 0) + 1);
  }
  for (const [key, { flights }] of plain.hourly) {
    if (totals.get(key) !== flights)
      report.differ(
        `airport-delays-6h ${key}: ${totals.get(key) ?? 0} counted or late, expected ${flights}`,
      );
  }
  for (const key of totals.keys())
    if (!plain.hourly.has(key)) report.differ(`airport-delays-6h ${key}: not expected`);
  if (late.size === 0)
    report.differ("late-flights: empty, but some flights must be more than six hours late");
}

async function compareSessions(
  job: JobResults,
  plain: PlainResults,
  report: Reporter,
): Promise<void> {
  const found = await read(
    job,
    "delay-sessions",
    (row) => `${String(row["destination"])}|${String(row["startMs"])}`,
    report,
  );
  compareRows("delay-sessions", found, plain.sessions, report);
}

async function compareTopTen(
  job: JobResults,
  plain: PlainResults,
  report: Reporter,
): Promise<void> {
  const found = await read(job, "daily-top-delays", (row) => String(row["day"]), report);
  const expected = [...plain.topTen].map(
    ([day, top]) =>
      [String(day), { top: top.map(([origin, delayed]) => ({ origin, delayed })) }] as const,
  );
  compareRows("daily-top-delays", found, new Map(expected), report);
}

function originHour(row: TableRow): string {
  return `${String(row["origin"])}|${String(row["startMs"])}`;
}
