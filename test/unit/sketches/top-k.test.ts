import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DataStream, sessionWindows } from "millrace";
import { topK } from "millrace/sketches";
import { harness } from "millrace/testing";

const words = fc.array(
  fc.integer({ min: 0, max: 30 }).map((n) => `w${Math.floor(n ** 2 / 30)}`),
  {
    maxLength: 400,
  },
);
const capacity = 8;
const top = topK<string, string>({ of: (word) => word, k: 8, capacity });

function exact(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

describe("the most frequent values", () => {
  test("are exact where there are no more than are counted", () => {
    const found = top.result(["b", "a", "b", "c", "b", "a"].reduce(top.add, top.create()));
    expect(found).toEqual([
      { value: "b", count: 3, error: 0 },
      { value: "a", count: 2, error: 0 },
      { value: "c", count: 1, error: 0 },
    ]);
  });

  test("have counts that are too high by their error at most, and hold all that are frequent, merged or not", () => {
    fc.assert(
      fc.property(words, fc.nat(400), (values, cut) => {
        const counts = exact(values);
        const parts = [values.slice(0, cut), values.slice(cut)].map((part) =>
          part.reduce(top.add, top.create()),
        );
        const [one, other] = parts as [(typeof parts)[0], (typeof parts)[0]];
        for (const sketch of [values.reduce(top.add, top.create()), top.merge(one, other)]) {
          const found = top.result(sketch);
          for (const { value, count, error } of found) {
            const right = counts.get(value) ?? 0;
            expect(count).toBeGreaterThanOrEqual(right);
            expect(count - error).toBeLessThanOrEqual(right);
          }
          const frequent = [...counts].filter(([, count]) => count > values.length / capacity);
          for (const [value] of frequent)
            expect(found.map((entry) => entry.value)).toContain(value);
        }
      }),
    );
  });

  test("are weighed", () => {
    const sums = topK({
      of: ({ item }: { readonly item: string; readonly cents: number }) => item,
      k: 1,
      weight: ({ cents }) => cents,
    });
    const orders = [
      { item: "tea", cents: 300 },
      { item: "tea", cents: 300 },
      { item: "clock", cents: 900 },
      { item: "bag", cents: 0 },
    ];
    expect(sums.result(orders.reduce(sums.add, sums.create()))).toEqual([
      { value: "clock", count: 900, error: 0 },
    ]);
    expect(() => sums.add(sums.create(), { item: "tea", cents: -1 })).toThrow("not for -1");
  });

  test("go on in sessions that merge, after a cold start", () => {
    const driven = harness(
      (searches: DataStream<{ readonly user: string; readonly word: string }>) =>
        searches
          .keyBy("user")
          .window(sessionWindows({ gap: { seconds: 10 } }), { uid: "words" })
          .aggregate(topK({ of: ({ word }) => word, k: 2 })),
    );
    for (const [word, atMs] of [
      ["sea", 0],
      ["sun", 15_000],
      ["sea", 16_000],
      ["sun", 8_000],
      ["sea", 9_000],
    ] as const) {
      driven.element({ user: "ann", word }, atMs);
      driven.cold();
    }
    driven.end();
    expect(driven.take().map(({ value }) => value)).toEqual([
      [
        { value: "sea", count: 3, error: 0 },
        { value: "sun", count: 2, error: 0 },
      ],
    ]);
  });
});

test("values that can't be counted fail, and options out of range are refused", () => {
  expect(() => top.add(top.create(), undefined as never)).toThrow("not undefined");
  expect(() => topK({ of: String, k: 0 })).toThrow("k from 1");
  expect(() => topK({ of: String, k: 5, capacity: 4 })).toThrow("capacity");
});
