import { expect, test } from "vitest";
import { inWords, seriesOf } from "../../../dashboard/browser/chart/series.ts";
import { growthOf, joined } from "../../../dashboard/browser/live/history.ts";

const sample = (atMs: number, records: number, generation = 1) => ({
  atMs,
  records,
  generation,
  commits: 0,
  deadLetters: 0,
  stateBytes: 0,
  keys: 0,
  exchangeLagMs: 0,
});

test("samples that are known already, or nearly at once, don't come twice", () => {
  const before = [sample(0, 0), sample(1_000, 10)];
  expect(joined(before, [sample(500, 5), sample(1_500, 12), sample(2_000, 20)])).toEqual([
    ...before,
    sample(2_000, 20),
  ]);
  expect(joined(before, [sample(1_100, 11)])).toBe(before);
});

test("throughput is what came between two samples, and unknown where another generation has begun", () => {
  const samples = [sample(0, 0), sample(2_000, 10), sample(3_000, 4, 2), sample(4_000, 6, 2)];
  expect(growthOf(samples, ({ records }) => records)).toEqual([
    { atMs: 2_000, value: 5 },
    { atMs: 3_000, value: undefined },
    { atMs: 4_000, value: 2 },
  ]);
});

test("a line breaks off where nothing was measured for a while", () => {
  const measured = [0, 1_000, 2_000, 60_000].map((atMs) => ({ atMs, value: 1 }));
  expect(seriesOf(measured)).toEqual({
    seconds: [0, 1, 2, 3, 60],
    values: [1, 1, 1, null, 1],
  });
});

test("a chart says in words what it shows", () => {
  const series = seriesOf([1, 5, 3].map((value, at) => ({ atMs: at * 1_000, value })));
  expect(inWords(series, String)).toBe("now 3, at least 1, at most 5");
  expect(inWords({ seconds: [], values: [] }, String)).toBe("nothing measured yet");
});
