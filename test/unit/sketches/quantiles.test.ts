import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { quantiles, type QuantileSketch } from "millrace/sketches";
import { shuffled } from "./shuffled.ts";

const at = [0, 0.01, 0.5, 0.9, 0.99, 1] as const;
const ofNumbers = quantiles({ of: (value: number) => value, at });

function sketchOf(values: readonly number[]): QuantileSketch {
  return values.reduce(ofNumbers.add, ofNumbers.create());
}

/** The value of the rank below, of all that there are. */
const exact = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.floor(share * (values.length - 1))] ?? 0;

/** Over so many magnitudes each has a bin of its own. */
const someValues = fc.array(
  fc.oneof(
    fc
      .double({ min: -1e9, max: 1e9, noNaN: true })
      .map((value) => (Math.abs(value) < 1e-6 ? 0 : value)),
    fc.integer({ min: -20, max: 20 }),
    fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
  ),
  { minLength: 1, maxLength: 300 },
);

describe("quantiles", () => {
  test("are each within the accuracy of the value that has their rank", () => {
    fc.assert(
      fc.property(someValues, (values) => {
        const found = ofNumbers.result(sketchOf(values));
        for (const [place, share] of at.entries()) {
          const right = exact(values, share);
          expect(Math.abs((found[place] as number) - right)).toBeLessThanOrEqual(
            0.010_001 * Math.abs(right),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  test.each([0.01, 0.001])("keep an accuracy of %d over nine orders of magnitude", (accuracy) => {
    const { create, add, result } = quantiles({ of: (ms: number) => ms, at: [0.1, 0.5], accuracy });
    const values = Array.from({ length: 2_001 }, (_, place) => 10 ** ((9 * place) / 2_000));
    for (const [place, found] of result(shuffled(values).reduce(add, create())).entries()) {
      const right = values[[200, 1_000][place] as number] as number;
      expect(Math.abs(found - right)).toBeLessThanOrEqual(accuracy * 1.000_1 * right);
    }
  });

  test("are the same in whatever order the values come, and wherever they are merged", () => {
    fc.assert(
      fc.property(someValues, fc.nat(300), (values, cut) => {
        const whole = sketchOf(values);
        expect(sketchOf(shuffled(values))).toEqual(whole);
        const parts = [sketchOf(values.slice(0, cut)), sketchOf(values.slice(cut))] as const;
        expect(ofNumbers.merge(...parts)).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  test("are the same where values lie in the bin that ends at 1", () => {
    const values = [0.999, 3];
    expect(sketchOf(values.toReversed())).toEqual(sketchOf(values));
    expect(ofNumbers.merge(sketchOf([3]), sketchOf([0.999]))).toEqual(sketchOf(values));
  });

  test("keep a bound over all magnitudes: what is least shares a bin", () => {
    const values = Array.from({ length: 600 }, (_, magnitude) => 10 ** (magnitude - 300));
    const { above } = sketchOf(values);
    expect(above.counts).toHaveLength(2_048);
    expect(sketchOf(shuffled(values)).above).toEqual(above);
    expect(ofNumbers.result(sketchOf(values))[4]).toBeCloseTo(1e293, -292);
  });

  test("have the types and the order that they were asked for", () => {
    const { create, add, result } = quantiles({ of: (ms: number) => ms, at: [0.5, 0.99] });
    expectTypeOf(result).returns.toEqualTypeOf<readonly [number, number]>();
    expect(result(add(create(), 7))).toEqual([7, 7]);
  });
});

test("what is no finite number fails, with what it was", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => ofNumbers.add(ofNumbers.create(), value)).toThrow("finite numbers");
  expect(() => ofNumbers.add(ofNumbers.create(), "7" as never)).toThrow('"7"');
});

test("options out of range are refused", () => {
  expect(() => quantiles({ of: Number, at: [99] })).toThrow("from 0 to 1");
  expect(() => quantiles({ of: Number, at: [0.5], accuracy: 1 })).toThrow("accuracy");
  expect(() => quantiles({ of: Number, at: [0.5], accuracy: 0.0001 })).toThrow("from 0.001 to 0.5");
});

test("a sketch that was made with another accuracy goes on with the new one", () => {
  const of = (value: number): number => value;
  const at = [0, 0.25, 0.5, 0.75, 1] as const;
  const coarse = quantiles({ of, at, accuracy: 0.05 });
  const fine = quantiles({ of, at, accuracy: 0.01 });
  const values = Array.from({ length: 1_000 }, (_, n) => n - 500);
  const made = () => structuredClone(values).reduce(coarse.add, coarse.create());
  const nearTo = (found: readonly number[], right: readonly number[], accuracy: number): void => {
    for (const [place, value] of right.entries())
      expect(Math.abs((found[place] as number) - value)).toBeLessThanOrEqual(
        Math.abs(value) * accuracy + 1.5,
      );
  };
  const kept = made();
  const before = structuredClone(kept);
  nearTo(fine.result(kept), [-500, -250, 0, 250, 499], 0.06);
  expect(kept).toEqual(before);
  const more = Array.from({ length: 9_000 }, (_, n) => 1_000 + n);
  const added = more.reduce(fine.add, made());
  nearTo(fine.result(added), [-500, 2_500, 5_000, 7_500, 9_999], 0.011);
  const merged = fine.merge(more.reduce(fine.add, fine.create()), made());
  expect(fine.result(merged)).toEqual(fine.result(added));
});
