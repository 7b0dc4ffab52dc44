import { type JobResults, readJobResults, type ScanTable } from "./job-results.ts";
import type { PlainResults } from "./plain.ts";

export interface JobOutput {
  readonly scan: ScanTable;
  readonly deadLetters: number;
  /** Whether there are so many flights that some must be too late. Default: true. */
  readonly expectsLate?: boolean;
}

export interface Comparison {
  /** The first differences, readable; empty where all is equal. */
  readonly differences: readonly string[];
  readonly differenceCount: number;
  /** How many rows each table has. */
  readonly rows: Readonly<Record<string, number>>;
  /** What the job came to. */
  readonly results: JobResults;
}

const differencesShown = 20;

/** Holds the job's tables against the plain computation. */
export async function compare(job: JobOutput, plain: PlainResults): Promise<Comparison> {
  const results = await readJobResults(job.scan);
  const differences: string[] = [];
  let differenceCount = 0;
  for (const difference of differencesOf(job, results, plain)) {
    differenceCount += 1;
    if (differences.length < differencesShown) differences.push(difference);
  }
  const rows = {
    "airport-delays": results.hourly.size,
    "airport-delays-6h": results.sixHourly.size,
    "late-flights": results.late.size,
    "delay-sessions": results.sessions.size,
    "daily-top-delays": results.topTen.size,
  };
  return { differences, differenceCount, rows, results };
}

function* differencesOf(
  job: JobOutput,
  results: JobResults,
  plain: PlainResults,
): Generator<string> {
  if (job.deadLetters !== plain.refused)
    yield `dead letters: ${job.deadLetters}, but ${plain.refused} rows break the schema`;
  yield* unequalRows("airport-delays", results.hourly, plain.hourly);
  yield* unequalRows("airport-delays-6h with late-flights", countedOrLate(results), flights(plain));
  if (results.late.size === 0 && job.expectsLate !== false)
    yield "late-flights: empty, but some flights must be more than six hours late";
  yield* unequalRows("delay-sessions", results.sessions, plain.sessions);
  yield* unequalRows("daily-top-delays", results.topTen, plain.topTen);
}

/** Every expected row is there and equal, and no other row is. */
function* unequalRows<K extends string | number>(
  table: string,
  found: ReadonlyMap<K, unknown>,
  expected: ReadonlyMap<K, unknown>,
): Generator<string> {
  for (const [key, value] of expected) {
    const [is, should] = [JSON.stringify(found.get(key)), JSON.stringify(value)];
    if (is !== should) yield `${table} ${key}: ${is ?? "missing"}, expected ${should}`;
  }
  for (const key of found.keys()) if (!expected.has(key)) yield `${table} ${key}: not expected`;
}

/** Which flights are too late depends on when ticks came; together with those that were counted they are all. */
function countedOrLate({ sixHourly, late }: JobResults): Map<string, number> {
  const totals = new Map(sixHourly);
  for (const window of late.values()) totals.set(window, (totals.get(window) ?? 0) + 1);
  return totals;
}

function flights({ hourly }: PlainResults): Map<string, number> {
  return new Map(Array.from(hourly, ([key, hour]) => [key, hour.flights]));
}
