import { describe, expect, test } from "vitest";
import { type DataStream, tumblingWindows } from "millrace";
import { uniqueCount, type UniqueSketch } from "millrace/sketches";
import { harness } from "millrace/testing";
import { shuffled } from "./shuffled.ts";

const users = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `user-${at}`);

function sketchOf(values: readonly string[], precision = 12): UniqueSketch {
  const { create, add } = uniqueCount<string>({ of: (user) => user, precision });
  return values.reduce(add, create());
}

describe("unique values are counted", () => {
  const { result } = uniqueCount<string>({ of: (user) => user });

  test.each([0, 1, 2, 10, 256])("exactly where there are %d", (count) => {
    expect(result(sketchOf(users(count)))).toBe(count);
  });

  test.each([257, 1_000, 3_000, 10_000, 50_000])("within three standard errors of %d", (count) => {
    const error = Math.abs(result(sketchOf(users(count))) / count - 1);
    expect(error).toBeLessThan((3 * 1.04) / Math.sqrt(4_096));
  });

  test("once, however often they come", () => {
    expect(sketchOf([...users(1_000), ...users(1_000)])).toEqual(sketchOf(users(1_000)));
  });

  test.each([200, 5_000])("the same in whatever order %d come", (count) => {
    expect(sketchOf(shuffled(users(count)))).toEqual(sketchOf(users(count)));
  });

  test.each([
    [10, 20],
    [200, 200],
    [10, 5_000],
    [5_000, 10],
    [3_000, 6_000],
  ])("the same where %d and %d others are merged", (one, other) => {
    const all = users(one + other);
    const { merge } = uniqueCount<string>({ of: (user) => user });
    const merged = merge(sketchOf(all.slice(0, one)), sketchOf(all.slice(one)));
    expect(merged).toEqual(sketchOf(all));
  });
});

test("its state is small where few values came, and has a bound", () => {
  expect(sketchOf(users(10)).few).toHaveLength(10);
  expect(sketchOf(users(20_000)).registers).toHaveLength(4_096);
  expect(sketchOf(users(20_000), 4).registers).toHaveLength(16);
});

test("a precision that there is not is refused", () => {
  for (const precision of [3, 17, 12.5])
    expect(() => uniqueCount({ of: String, precision })).toThrow("from 4 to 16");
});

describe("a sketch of another precision, as an earlier version of the job has kept it,", () => {
  const [coarse, fine] = [8, 12].map((precision) =>
    uniqueCount<string>({ of: (user) => user, precision }),
  );

  test("goes on with its own", () => {
    const [early, late] = [users(3_000).slice(0, 1_000), users(3_000).slice(1_000)];
    expect(late.reduce(fine!.add, sketchOf(early, 8))).toEqual(sketchOf(users(3_000), 8));
    expect(fine!.result(sketchOf(users(3_000), 8))).toBe(coarse!.result(sketchOf(users(3_000), 8)));
  });

  test("is merged with the lower one of the two", () => {
    const [early, late] = [users(3_000).slice(0, 1_500), users(3_000).slice(1_000)];
    const both = sketchOf(users(3_000), 8);
    for (const { merge } of [coarse!, fine!]) {
      expect(merge(sketchOf(early, 8), sketchOf(late, 12))).toEqual(both);
      expect(merge(sketchOf(early, 12), sketchOf(late, 8))).toEqual(both);
    }
  });
});

test("a window of it goes on after a cold start", () => {
  const driven = harness((visits: DataStream<{ readonly page: string; readonly user: string }>) =>
    visits
      .keyBy("page")
      .window(tumblingWindows({ size: { minutes: 1 } }), { uid: "visitors" })
      .aggregate(uniqueCount({ of: ({ user }) => user, precision: 8 }), (visitors, { key }) => ({
        page: key,
        visitors,
      })),
  );
  for (const [at, user] of users(120).entries()) {
    if (at % 25 === 0) driven.cold();
    for (const page of ["home", "about"]) driven.element({ page, user }, at);
  }
  driven.end();
  const expected = uniqueCount<string>({ of: (user) => user, precision: 8 }).result(
    sketchOf(users(120), 8),
  );
  expect(driven.take().map(({ value }) => value)).toEqual([
    { page: "home", visitors: expected },
    { page: "about", visitors: expected },
  ]);
});
