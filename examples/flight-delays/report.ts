import type { Latency } from "./latency.ts";
import type { Results } from "./plain.ts";

export interface RunFigures {
  readonly rows: number;
  readonly seconds: number;
  readonly killedAtFraction: number;
  readonly killedAfterCommits: number;
  readonly commits: number;
  /** From the kill to the first commit after it. */
  readonly recoverySeconds: number;
  /** The largest state that was seen, of all slots together. */
  readonly stateBytes: number;
  readonly deadLetters: number;
  readonly late: number;
}

/** The results as a reader would ask for them, then the figures of the run. */
export function report(
  results: Results,
  figures: RunFigures,
  latency: Latency,
  tableRows: Readonly<Record<string, number>>,
): string {
  return [
    section("Worst hours at one airport (20 flights or more, by mean delay)", worstHours(results)),
    section("Longest runs of delayed arrivals", longestSessions(results)),
    section("Origins with the most delayed flights, on the worst day", worstDay(results)),
    section("The run", runLines(figures, latency, tableRows)),
  ].join("\n\n");
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  const lines = rows.map((row) =>
    `  ${row.map((cell, at) => pad(cell, widths[at] ?? 0, at > 0)).join("  ")}`.trimEnd(),
  );
  return [title, ...lines].join("\n");
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}

function worstHours({ hourly }: Results): readonly (readonly string[])[] {
  const busy = [...hourly].filter(([, { flights }]) => flights >= 20);
  const worst = busy
    .toSorted(([, left], [, right]) => right.meanDelay - left.meanDelay)
    .slice(0, 8);
  const rows = worst.map(([key, hour]) => {
    const [origin, startMs] = key.split("|") as [string, string];
    return [
      `${origin} ${clock(Number(startMs))}`,
      String(hour.flights),
      hour.meanDelay.toFixed(1),
      String(hour.p95Delay),
      String(hour.maxDelay),
    ];
  });
  return [["origin, hour", "flights", "mean min", "p95 min", "max min"], ...rows];
}

function longestSessions({ sessions }: Results): readonly (readonly string[])[] {
  const longest = [...sessions].map(([key, session]) => {
    const [destination, startMs] = key.split("|") as [string, string];
    return { destination, startMs: Number(startMs), ...session };
  });
  longest.sort((left, right) => right.endMs - right.startMs - (left.endMs - left.startMs));
  const rows = longest
    .slice(0, 5)
    .map(({ destination, startMs, endMs, flights, minutes }) => [
      `${destination} from ${clock(startMs)}`,
      ((endMs - startMs) / 3_600_000).toFixed(1),
      String(flights),
      (minutes / flights).toFixed(1),
    ]);
  return [["destination", "hours", "flights", "mean min"], ...rows];
}

function worstDay({ topTen }: Results): readonly (readonly string[])[] {
  const total = (top: readonly (readonly [string, number])[]): number =>
    top.reduce((sum, [, count]) => sum + count, 0);
  const [worst] = [...topTen].toSorted(([, left], [, right]) => total(right) - total(left));
  if (worst === undefined) return [];
  const [day, top] = worst;
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
  return [[date, "delayed flights"], ...top.map(([origin, count]) => [origin, String(count)])];
}

function runLines(
  figures: RunFigures,
  latency: Latency,
  tableRows: Readonly<Record<string, number>>,
): readonly (readonly string[])[] {
  const written = Object.entries(tableRows).map(
    ([table, rows]) => `${table} ${rows.toLocaleString("en")}`,
  );
  return [
    [
      `flights           ${figures.rows.toLocaleString("en")} in ${figures.seconds.toFixed(1)} s: ${Math.round(figures.rows / figures.seconds).toLocaleString("en")} a second, the kill and its recovery included`,
    ],
    [
      `recovery          SIGKILL after ${figures.killedAfterCommits} of ${figures.commits} commits (${Math.round(figures.killedAtFraction * 100)} % of the flights); the next commit came ${figures.recoverySeconds.toFixed(1)} s later`,
    ],
    [
      `latency           p50 ${latency.p50Ms.toFixed(0)} ms, p99 ${latency.p99Ms.toFixed(0)} ms from put to row at ${latency.rate.toLocaleString("en")} a second (a run of its own, ${latency.rowsTimed.toLocaleString("en")} rows timed)`,
    ],
    [`state             ${(figures.stateBytes / 1_048_576).toFixed(1)} MiB at most`],
    [
      `late, dead        ${figures.late.toLocaleString("en")} flights too late for six hours' corrections, ${figures.deadLetters} dead letters`,
    ],
    [`rows              ${written.join(", ")}`],
  ];
}

function clock(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
