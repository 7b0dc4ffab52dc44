import { expect, test } from "vitest";
import { plainResultsOf } from "../../../examples/flight-delays/plain.ts";
import { report } from "../../../examples/flight-delays/report.ts";
import { flights } from "./flights.ts";

const figures = {
  rows: 600_000,
  seconds: 60,
  killedAtFraction: 0.4,
  killedAfterCommits: 100,
  commits: 250,
  recoverySeconds: 1.25,
  stateBytes: 3 * 1_048_576,
  deadLetters: 1,
  late: 1_234,
};
const latency = { rate: 10_000, p50Ms: 12.4, p99Ms: 98.6, rowsTimed: 5_000 };

test("the report shows the worst hours, the longest runs, the worst day and the figures of the run", async () => {
  const busyHour = Array.from({ length: 20 }, (_, at) => ({
    at: "2001-01-01T10:00",
    delay: at + 1,
  }));
  const results = await plainResultsOf([
    flights(...busyHour, { at: "2001-01-01T23:00", delay: 200, origin: "BBB" }),
  ]);
  expect(report(results, figures, latency, { "airport-delays": 2 })).toMatchInlineSnapshot(`
    "Worst hours at one airport (20 flights or more, by mean delay)
      origin, hour          flights  mean min  p95 min  max min
      AAA 2001-01-01 10:00       20      10.5       19       20

    Longest runs of delayed arrivals
      destination                hours  flights  mean min
      ZZZ from 2001-01-01 10:00    2.0        6      17.5
      ZZZ from 2001-01-01 23:00    2.0        1     200.0

    Origins with the most delayed flights, on the worst day
      2001-01-01  delayed flights
      AAA                       6
      BBB                       1

    The run
      flights           600,000 in 60.0 s: 10,000 a second, the kill and its recovery included
      recovery          SIGKILL after 100 of 250 commits (40 % of the flights); the next commit came 1.3 s later
      latency           p50 12 ms, p99 99 ms from put to row at 10,000 a second (a run of its own, 5,000 rows timed)
      state             3.0 MiB at most
      late, dead        1,234 flights too late for six hours' corrections, 1 dead letters
      rows              airport-delays 2"
  `);
});

test("a job without any result can be reported", async () => {
  const results = await plainResultsOf([]);
  expect(report(results, figures, latency, {})).toContain("600,000 in 60.0 s: 10,000 a second");
});
