import type { PlainHour, PlainSession, Results } from "./plain.ts";

type Row = Readonly<Record<string, unknown>>;
export type ScanTable = (table: string) => AsyncIterable<Row>;

/** What the job's tables hold, in the shape of the plain results. */
export interface JobResults extends Results {
  /** Flights that the windows with six hours of corrections counted, by `origin|startMs`. */
  readonly sixHourly: ReadonlyMap<string, number>;
  /** The window, as `origin|startMs`, of each flight that came too late for it, by row. */
  readonly late: ReadonlyMap<number, string>;
}

const hourMs = 3_600_000;

export async function readJobResults(scan: ScanTable): Promise<JobResults> {
  return {
    hourly: await readTable(scan("airport-delays"), originHour, hourOf),
    sixHourly: await readTable(scan("airport-delays-6h"), originHour, (row) =>
      number(row, "flights"),
    ),
    late: await readTable(scan("late-flights"), (row) => number(row, "row"), missedWindow),
    sessions: await readTable(scan("delay-sessions"), destinationStart, sessionOf),
    topTen: await readTable(scan("daily-top-delays"), (row) => number(row, "day"), topTenOf),
  };
}

async function readTable<K, V>(
  rows: AsyncIterable<Row>,
  keyOf: (row: Row) => K,
  valueOf: (row: Row) => V,
): Promise<Map<K, V>> {
  const values = new Map<K, V>();
  for await (const row of rows) values.set(keyOf(row), valueOf(row));
  return values;
}

function originHour(row: Row): string {
  return `${String(row["origin"])}|${number(row, "startMs")}`;
}

function destinationStart(row: Row): string {
  return `${String(row["destination"])}|${number(row, "startMs")}`;
}

function hourOf(row: Row): PlainHour {
  return {
    flights: number(row, "flights"),
    meanDelay: number(row, "meanDelay"),
    maxDelay: number(row, "maxDelay"),
    p95Delay: number(row, "p95Delay"),
    delayed: number(row, "delayed"),
  };
}

function sessionOf(row: Row): PlainSession {
  return {
    endMs: number(row, "endMs"),
    flights: number(row, "flights"),
    minutes: number(row, "minutes"),
  };
}

function topTenOf({ top }: Row): readonly (readonly [origin: string, delayed: number])[] {
  if (!Array.isArray(top)) return [];
  return top.map((ranked: Row) => [String(ranked["origin"]), number(ranked, "delayed")] as const);
}

function missedWindow(row: Row): string {
  const timeMs = Date.parse(`${String(row["date"])}:00Z`) - number(row, "delay") * 60_000;
  return `${String(row["origin"])}|${Math.floor(timeMs / hourMs) * hourMs}`;
}

/** NaN for whatever is not a number: it equals nothing that is expected. */
function number(row: Row, name: string): number {
  const value = row[name];
  return typeof value === "number" ? value : Number.NaN;
}
