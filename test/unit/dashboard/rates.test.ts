import { expect, test } from "vitest";
import { ratesOf, type Sample, withSample } from "../../../dashboard/browser/live/rates.ts";

const sampled = (...samples: readonly Sample[]): readonly Sample[] =>
  samples.reduce<readonly Sample[]>(withSample, []);
const at = (atMs: number, records: number): Sample => ({ atMs, totals: { records } });

test("a rate is that of the last seconds, not that of the last burst", () => {
  const samples = sampled(...Array.from({ length: 21 }, (_, i) => at(i * 500, i * 100)));
  expect(ratesOf(samples)).toEqual({ records: 200 });
  expect(samples[0]?.atMs).toBe(6_000);
});

test("nothing is known of a rate before the second sample", () => {
  expect(ratesOf([])).toEqual({});
  expect(ratesOf(sampled(at(0, 5)))).toEqual({});
});

test("a sum that fell is one of another life: no rate is negative", () => {
  expect(ratesOf(sampled(at(0, 1_000), at(500, 10)))).toEqual({});
  expect(ratesOf(sampled(at(0, 1_000), at(500, 10), at(1_500, 30)))).toEqual({ records: 20 });
});

test("a sample that comes late, or twice, changes nothing", () => {
  const samples = sampled(at(0, 0), at(1_000, 10));
  expect(withSample(samples, at(1_000, 20))).toBe(samples);
});

test("what is new among the sums has counted from nothing", () => {
  const next = { atMs: 1_000, totals: { records: 10, "a/b": 4 } };
  expect(ratesOf(sampled(at(0, 0), next))).toEqual({ records: 10, "a/b": 4 });
});
