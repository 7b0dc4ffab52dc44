import { jobError } from "../errors/millrace-error.ts";
import { valueText } from "../errors/value-text.ts";
import type { AggregateFunction } from "../graph/functions.ts";

export interface QuantilesOptions<T, Q extends readonly number[]> {
  readonly of: (value: T) => number;
  /** Which quantiles, from 0 (the least) to 1 (the greatest): 0.5 is the median. */
  readonly at: Q;
  /** Each answer is at most this share of itself away from the value that has its rank: 0.001 to 0.5. Default: 0.01, one percent. */
  readonly accuracy?: number;
}

/** How many values lie in each bin. Bin i of the positive values is (γ^(i-1), γ^i]. */
export interface QuantileSketch {
  /** That of the bins: γ is (1 + accuracy) / (1 - accuracy). Absent in sketches of earlier releases: that of the job. */
  accuracy?: number;
  above: Bins;
  below: Bins;
  zeros: number;
  count: number;
  min: number;
  max: number;
}

/** Counts of neighbouring bins, from `first` on. */
interface Bins {
  first: number;
  readonly counts: number[];
}

/** Least numbers of bins, for the positive and for the negative values, and orders of magnitude that they hold. */
const binsMin = 2_048;
const magnitudes = 9;

/**
 * An aggregate of quantiles, in bounded state: DDSketch (Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
 * 2019). One percent takes a few hundred numbers for values over six orders of magnitude, and at most 2 × 2,048; a thousandth takes ten times as many.
 * Values that are nine orders of magnitude below the greatest may be told as greater ones. The order of the elements changes nothing. Has a `merge`: for
 * session windows too. A value that is no finite number is a dead letter. A sketch that was made with another accuracy goes on with the new one: what it holds is told as
 * inaccurately as before.
 * Its result has the quantiles in the order of `at`.
 * @throws MillraceError `sketch-invalid`
 */
export function quantiles<T, const Q extends readonly number[]>(
  options: QuantilesOptions<T, Q>,
): AggregateFunction<T, QuantileSketch, { readonly [K in keyof Q]: number }> & {
  merge: (a: QuantileSketch, b: QuantileSketch) => QuantileSketch;
} {
  const { of, at, accuracy = 0.01 } = options;
  if (!at.every((one) => one >= 0 && one <= 1) || !(accuracy >= 0.001 && accuracy <= 0.5))
    throw optionsInvalid(at, accuracy);
  const bins = binning(accuracy);
  const { binOf, binsMax } = bins;

  return {
    create: () => ({
      accuracy,
      above: { first: 0, counts: [] },
      below: { first: 0, counts: [] },
      zeros: 0,
      count: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
    }),
    add(given, element) {
      const sketch = binned(given, bins);
      const value = of(element);
      if (!Number.isFinite(value)) throw notFinite(value);
      const size = Math.abs(value);
      // The least numbers have no logarithm that is told from others.
      if (size < Number.MIN_VALUE / Number.EPSILON) sketch.zeros += 1;
      else count(value > 0 ? sketch.above : sketch.below, { bin: binOf(size), more: 1, binsMax });
      sketch.count += 1;
      sketch.min = Math.min(sketch.min, value);
      sketch.max = Math.max(sketch.max, value);
      return sketch;
    },
    merge(one, other) {
      const [left, right] = [binned(one, bins), binned(other, bins)];
      for (const side of ["above", "below"] as const)
        for (const [bin, counted] of right[side].counts.entries())
          if (counted > 0)
            count(left[side], { bin: right[side].first + bin, more: counted, binsMax });
      left.zeros += right.zeros;
      left.count += right.count;
      left.min = Math.min(left.min, right.min);
      left.max = Math.max(left.max, right.max);
      return left;
    },
    result(given) {
      const sketch = binned(given.accuracy === accuracy ? given : structuredClone(given), bins);
      return at.map((share) => quantile(sketch, share, bins)) as never as {
        readonly [K in keyof Q]: number;
      };
    },
  };
}

/** How values lie in bins of an accuracy. */
interface Binning {
  readonly accuracy: number;
  readonly binsMax: number;
  /** Never -0: which of the two zeros it is would depend on the order of the values. */
  readonly binOf: (size: number) => number;
  /** The value that is nearest to all of a bin, relative to them. */
  readonly valueOf: (bin: number) => number;
}

function binning(accuracy: number): Binning {
  const gamma = (1 + accuracy) / (1 - accuracy);
  const perBin = Math.log(gamma);
  return {
    accuracy,
    binsMax: Math.max(binsMin, Math.ceil((magnitudes * Math.LN10) / perBin) + 1),
    binOf: (size) => Math.ceil(Math.log(size) / perBin) + 0,
    valueOf: (bin) => (2 * Math.exp(bin * perBin)) / (gamma + 1),
  };
}

/** The sketch with bins of this accuracy. */
function binned(sketch: QuantileSketch, { accuracy, binsMax, binOf }: Binning): QuantileSketch {
  const { accuracy: then = accuracy } = sketch;
  sketch.accuracy = accuracy;
  if (then === accuracy) return sketch;
  const { valueOf } = binning(then);
  for (const side of ["above", "below"] as const) {
    const { first, counts } = sketch[side];
    const bins: Bins = { first: 0, counts: [] };
    for (const [at, more] of counts.entries())
      if (more > 0) count(bins, { bin: binOf(valueOf(first + at)), more, binsMax });
    sketch[side] = bins;
  }
  return sketch;
}

function quantile(sketch: QuantileSketch, share: number, { valueOf }: Binning): number {
  const { below, above, zeros, count: all, min, max } = sketch;
  const rank = share * (all - 1);
  if (rank === 0) return min;
  if (rank === all - 1) return max;
  const within = (value: number): number => Math.min(max, Math.max(min, value));
  let passed = 0;
  for (let bin = below.counts.length - 1; bin >= 0; bin--) {
    passed += below.counts[bin] as number;
    if (passed > rank) return within(-valueOf(below.first + bin));
  }
  passed += zeros;
  if (passed > rank) return 0;
  for (const [bin, counted] of above.counts.entries()) {
    passed += counted;
    if (passed > rank) return within(valueOf(above.first + bin));
  }
  return max;
}

interface Counted {
  readonly bin: number;
  readonly more: number;
  /** Of the positive or the negative values; those nearest to 0 share the last one of theirs. */
  readonly binsMax: number;
}

/** Adds to a bin. Where there are too many, those of the least values become one: which they are depends on the greatest value alone. */
function count(bins: Bins, { bin, more, binsMax }: Counted): void {
  const { counts } = bins;
  if (counts.length === 0) bins.first = bin;
  const last = Math.max(bin, bins.first + counts.length - 1);
  const lowest = last - binsMax + 1;
  if (bins.first < lowest) {
    const joined = counts.splice(0, lowest - bins.first).reduce((sum, one) => sum + one, 0);
    counts[0] = (counts[0] ?? 0) + joined;
    bins.first = lowest;
  }
  while (bins.first > Math.max(bin, lowest)) {
    counts.unshift(0);
    bins.first -= 1;
  }
  while (bins.first + counts.length <= last) counts.push(0);
  const place = Math.max(bin, lowest) - bins.first;
  counts[place] = (counts[place] ?? 0) + more;
}

function notFinite(value: unknown): Error {
  return new TypeError(
    `A quantile is of finite numbers, and not of ${valueText(value, 100).text}.`,
  );
}

function optionsInvalid(at: readonly number[], accuracy: number): Error {
  return jobError("sketch-invalid", {
    message: `Quantiles are asked for at ${at.join(", ")}, with an accuracy of ${accuracy}.`,
    next: "Give shares from 0 to 1, such as [0.5, 0.99], and an accuracy from 0.001 to 0.5.",
  });
}
