import { jobError } from "../errors/millrace-error.ts";
import { valueText } from "../errors/value-text.ts";
import type { AggregateFunction } from "../graph/functions.ts";
import { type Counted, forgetLeast, leastCounted, replacedLeast } from "./least-counted.ts";

export interface TopKOptions<T, V extends TopValue> {
  /** What is counted. */
  readonly of: (value: T) => V;
  /** How many are answered: 1 to 1,000. */
  readonly k: number;
  /** For how much an element counts: an integer from 0. Default: 1. */
  readonly weight?: (value: T) => number;
  /** Values that are counted at a time: `k` to 10,000. A count is at most the sum of all ÷ capacity too high. Default: 10 × k. */
  readonly capacity?: number;
}

export type TopValue = string | number | bigint | boolean;

/** One of the most frequent values. */
export interface TopEntry<V extends TopValue> {
  readonly value: V;
  /** Never too low; too high by `error` at most: `count - error` is for sure. */
  readonly count: number;
  readonly error: number;
}

/** Of each value that is counted: its count, and by how much that may be too high. */
export type TopSketch<V extends TopValue> = Map<V, Counted>;

/**
 * An aggregate of the most frequent values, in bounded state: SpaceSaving (Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k elements in data
 * streams", 2005). What makes up more than 1 ÷ capacity of all is in it for sure. Its result begins with the most frequent value; of several with one count, with
 * the one that has been counted longest. Has a `merge`: for session windows too.
 * @throws MillraceError `sketch-invalid`
 */
export function topK<T, V extends TopValue>(
  options: TopKOptions<T, V>,
): AggregateFunction<T, TopSketch<V>, readonly TopEntry<V>[]> & {
  merge: (a: TopSketch<V>, b: TopSketch<V>) => TopSketch<V>;
} {
  const { of, k, weight, capacity = 10 * k } = options;
  const isRight = (value: number, max: number): boolean =>
    Number.isInteger(value) && value >= 1 && value <= max;
  if (!isRight(k, 1_000) || !isRight(capacity, 10_000) || capacity < k)
    throw optionsInvalid(k, capacity);

  return {
    create: () => new Map(),
    add(sketch, element) {
      const value = of(element);
      checkValue(value);
      const more = weight === undefined ? 1 : weight(element);
      if (!Number.isSafeInteger(more) || more < 0) throw weightInvalid(more);
      if (more === 0) return sketch;
      const known = sketch.get(value);
      if (known !== undefined) known[0] += more;
      else if (sketch.size < capacity) sketch.set(value, [more, 0]);
      else {
        const least = leastCounted(sketch);
        const [count] = sketch.get(least) as Counted;
        const counted: Counted = [count + more, count];
        sketch.delete(least);
        sketch.set(value, counted);
        replacedLeast(sketch, value, counted);
      }
      return sketch;
    },
    merge(left, right) {
      // What one of them does not know it may have counted, and let go of at its least count.
      const unknown = (sketch: TopSketch<V>): number =>
        sketch.size < capacity ? 0 : Math.min(...Array.from(sketch.values(), ([count]) => count));
      const [ofLeft, ofRight] = [unknown(left), unknown(right)];
      for (const [value, counted] of left) {
        const [count, error] = right.get(value) ?? [ofRight, ofRight];
        counted[0] += count;
        counted[1] += error;
      }
      for (const [value, [count, error]] of right)
        if (!left.has(value)) left.set(value, [count + ofLeft, error + ofLeft]);
      forgetLeast(left);
      const most = left.size - capacity;
      // Sorting is stable: of one count those go first that came first.
      if (most > 0)
        for (const [value] of [...left].sort(byCount).slice(0, most)) left.delete(value);
      return left;
    },
    result: (sketch) =>
      [...sketch]
        .map(([value, [count, error]]) => ({ value, count, error }))
        .sort((one, other) => other.count - one.count)
        .slice(0, k),
  };
}

function byCount([, [one]]: [unknown, Counted], [, [other]]: [unknown, Counted]): number {
  return one - other;
}

const typesOfValues = new Set(["string", "number", "bigint", "boolean"]);

function checkValue(value: unknown): void {
  if (typesOfValues.has(typeof value)) return;
  throw new TypeError(
    `What topK counts is a text, a number or a boolean, and not ${valueText(value, 100).text}.`,
  );
}

function weightInvalid(weight: unknown): Error {
  return new TypeError(
    `An element counts for an integer from 0 on, and not for ${valueText(weight, 100).text}.`,
  );
}

function optionsInvalid(k: number, capacity: number): Error {
  return jobError("sketch-invalid", {
    message: `The ${k} most frequent values are asked for, of ${capacity} that are counted.`,
    next: "Give integers: k from 1 to 1,000, and a capacity from k to 10,000.",
  });
}
