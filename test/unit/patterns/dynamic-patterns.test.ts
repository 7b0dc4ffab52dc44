import { describe, expect, test } from "vitest";
import { type DataStream, outputTag } from "../../../runtime/index.ts";
import {
  type DroppedMatches,
  type DynamicMatch,
  dynamicPatterns,
  type PatternData,
  patternRules,
  type PatternRule,
  patternsOf,
} from "../../../runtime/patterns/index.ts";
import type { AnyValue } from "../../../runtime/graph/node.ts";
import { harness } from "../../../testing/index.ts";

interface Payment {
  readonly card: string;
  readonly cents: number;
  readonly kind?: string;
  readonly place?: { readonly country: string };
}

const late = outputTag<Payment>("late");
const timedOut = outputTag<DynamicMatch<Payment, string>>("timed-out");
const dropped = outputTag<DroppedMatches<string>>("dropped");

function driven(maxPartialMatches = 1_000) {
  const driver = harness((payments: DataStream<Payment>, rules: DataStream<PatternRule>) => {
    const found = payments
      .keyBy("card")
      .connect(rules.broadcast(patternRules))
      .process(
        dynamicPatterns<Payment, string>({
          uid: "rules",
          lateOutput: late,
          timedOutOutput: timedOut,
          droppedOutput: dropped,
          maxPartialMatches,
        }),
      );
    return {
      found,
      late: found.sideOutput(late),
      timedOut: found.sideOutput(timedOut),
      dropped: found.sideOutput(dropped),
    };
  });
  return {
    ...driver,
    driver,
    rule: (id: string, pattern?: PatternData) =>
      driver.input(1).element({ id, ...(pattern && { pattern }) }, 0),
    pay: (cents: number, atMs: number, more: Partial<Payment> = {}) =>
      driver.element({ card: "c", cents, ...more }, atMs),
    watermark: (ms: number) => {
      driver.input(1).watermark(ms);
      driver.watermark(ms);
    },
    found: () =>
      driver
        .take("found")
        .map(({ value: { pattern, match }, timestampMs }) => [
          pattern,
          Object.fromEntries(
            Object.entries(match).map(([stage, all]) => [stage, all.map(({ cents }) => cents)]),
          ),
          timestampMs,
        ]),
  };
}

const smallThenLarge: PatternData = {
  stages: [
    { name: "small", where: { field: "cents", is: "<", value: 100 } },
    {
      name: "large",
      where: {
        all: [
          { field: "cents", is: ">", value: 1_000 },
          { field: "cents", is: ">=", of: { stage: "small", field: "cents", times: 50 } },
        ],
      },
    },
  ],
  withinMs: 1_000,
};

describe("patterns from a stream", () => {
  test("are looked for from when they come, in the order of the elements' times", () => {
    const { rule, pay, watermark, found } = driven();
    pay(50, 1);
    watermark(5);
    rule("fraud", smallThenLarge);
    pay(3_000, 30);
    pay(40, 20);
    pay(1_999, 40);
    watermark(50);
    expect(found()).toEqual([["fraud", { small: [40], large: [3_000] }, 30]]);
  });

  test("compare with what the match has taken: 50 times as much as the small one", () => {
    const { rule, pay, watermark, found } = driven();
    rule("fraud", smallThenLarge);
    pay(60, 1);
    pay(2_999, 2);
    pay(3_000, 3);
    watermark(10);
    expect(found()).toEqual([["fraud", { small: [60], large: [3_000] }, 3]]);
  });

  test("are refused where a match would never be over, and elements go on to the others", () => {
    const { rule, pay, watermark, found } = driven();
    rule("fraud", smallThenLarge);
    expect(() => rule("long", { ...smallThenLarge, withinMs: Number.MAX_SAFE_INTEGER })).toThrow(
      expect.objectContaining({ code: "pattern-invalid" }),
    );
    rule("century", { ...smallThenLarge, withinMs: 100 * 366 * 86_400_000 });
    pay(60, 1);
    pay(3_000, 3);
    watermark(10);
    expect(found().map(([id]) => id)).toEqual(["century", "fraud"]);
  });

  test("take no bound that is no whole number from 1", () => {
    for (const bound of [0, -1, 1.5, Number.NaN])
      expect(() => driven(bound)).toThrow(expect.objectContaining({ code: "pattern-invalid" }));
  });

  test("are told each by its id, and go without touching others", () => {
    const { rule, pay, watermark, found } = driven();
    const one = (value: number): PatternData => ({
      stages: [{ name: "it", where: { field: "cents", is: "=", value } }],
      withinMs: 10,
    });
    rule("a", one(1));
    rule("b", one(1));
    pay(1, 1);
    watermark(1);
    expect(found().map(([id]) => id)).toEqual(["a", "b"]);
    rule("a");
    pay(1, 2);
    watermark(2);
    expect(found().map(([id]) => id)).toEqual(["b"]);
    rule("b", one(2));
    pay(1, 3);
    pay(2, 4);
    watermark(4);
    expect(found()).toEqual([["b", { it: [2] }, 4]]);
  });

  test("that change begin anew: what an earlier version had begun is dropped", () => {
    const { rule, pay, watermark, found } = driven();
    rule("fraud", smallThenLarge);
    pay(50, 1);
    watermark(1);
    rule("fraud", { ...smallThenLarge, withinMs: 2_000 });
    pay(5_000, 2);
    watermark(2);
    expect(found()).toEqual([]);
    rule("fraud", { ...smallThenLarge, withinMs: 2_000 });
    pay(50, 3);
    pay(5_000, 4);
    watermark(4);
    expect(found()).toHaveLength(1);
  });

  test("time out, and leave nothing behind", () => {
    const { rule, pay, watermark, driver } = driven();
    rule("fraud", smallThenLarge);
    pay(50, 100);
    watermark(1_099);
    expect(driver.take("timedOut")).toEqual([]);
    watermark(1_100);
    expect(driver.take("timedOut")).toEqual([
      expect.objectContaining({
        timestampMs: 1_100,
        value: {
          pattern: "fraud",
          key: "c",
          match: { small: [{ card: "c", cents: 50 }], large: [] },
        },
      }),
    ]);
    expect(driver.timers()).toEqual([]);
  });

  test("go on after a cold start, as if there had been none", () => {
    const { rule, pay, watermark, found, driver } = driven();
    rule("fraud", smallThenLarge);
    pay(50, 1);
    pay(60, 2);
    watermark(2);
    driver.cold();
    pay(4_000, 3);
    driver.cold();
    watermark(3);
    expect(found()).toEqual([
      ["fraud", { small: [50], large: [4_000] }, 3],
      ["fraud", { small: [60], large: [4_000] }, 3],
    ]);
  });

  test("that begin more often than they may are dropped for the key, and told", () => {
    const { rule, pay, watermark, found, driver } = driven(5);
    rule("fraud", smallThenLarge);
    for (let at = 1; at <= 6; at++) pay(10, at);
    pay(5_000, 7);
    watermark(7);
    expect(found()).toEqual([]);
    expect(
      driver
        .take("dropped")
        .map(({ value: { pattern, partialMatches } }) => [pattern, partialMatches]),
    ).toEqual([["fraud", 6]]);
  });

  test("do not take what is at the watermark or behind", () => {
    const { rule, pay, watermark, driver } = driven();
    rule("fraud", smallThenLarge);
    watermark(10);
    pay(50, 10);
    pay(50, 11);
    expect(driver.take("late").map(({ timestampMs }) => timestampMs)).toEqual([10]);
  });
});

test.each([
  ["no stages", { stages: [], withinMs: 1 }],
  ["no time", { stages: [{ name: "a" }] }],
  [
    "an unknown comparison",
    { stages: [{ name: "a", where: { field: "x", is: "~", value: 1 } }], withinMs: 1 },
  ],
  [
    "a stage that is not there",
    {
      stages: [{ name: "a", where: { field: "x", is: "=", of: { stage: "b", field: "x" } } }],
      withinMs: 1,
    },
  ],
  ["two stages of a name", { stages: [{ name: "a" }, { name: "a" }], withinMs: 1 }],
  ["too many times", { stages: [{ name: "a", times: 101 }], withinMs: 1 }],
  ["a condition that is a text", { stages: [{ name: "a", where: "x > 1" }], withinMs: 1 }],
])("a rule with %s is refused, and the one before stays", (_, pattern) => {
  const { rule, pay, watermark, found } = driven();
  rule("fraud", { stages: [{ name: "any" }], withinMs: 10 });
  expect(() => rule("fraud", pattern as never)).toThrow(
    expect.objectContaining({ code: "pattern-invalid" }),
  );
  pay(1, 1);
  watermark(1);
  expect(found()).toEqual([["fraud", { any: [1] }, 1]]);
});

test("conditions see fields of the element's own, through dots", () => {
  const { rule, pay, watermark, found } = driven();
  rule("abroad", {
    stages: [
      {
        name: "paid",
        where: {
          all: [
            { not: { field: "place.country", in: ["NL", "DE"] } },
            {
              any: [
                { field: "kind", is: "=", value: "card" },
                { field: "cents", is: ">=", value: 9 },
              ],
            },
            { not: { field: "constructor", is: "!=", value: 0 } },
          ],
        },
      },
    ],
    withinMs: 10,
  });
  pay(1, 1, { place: { country: "NL" }, kind: "card" });
  pay(2, 2, { place: { country: "FR" }, kind: "card" });
  pay(3, 3, { place: { country: "FR" } });
  pay(9, 4, { place: { country: "FR" } });
  watermark(9);
  expect(found().map(([, match]) => match)).toEqual([{ paid: [2] }, { paid: [9] }]);
});

test.each([
  [
    "a loop",
    {
      stages: [
        { name: "a", where: { field: "cents", is: "<", value: 3 }, times: [1, 3] },
        { name: "b", where: { field: "cents", is: ">=", value: 3 } },
      ],
      withinMs: 100,
    },
  ],
  [
    "combinations",
    {
      stages: [
        { name: "a", where: { field: "cents", is: "<", value: 3 }, times: 2, loop: "combinations" },
        { name: "b", contiguity: "followedByAny", where: { field: "cents", is: ">=", value: 3 } },
      ],
      withinMs: 100,
    },
  ],
  [
    "skipping",
    {
      stages: [
        { name: "a", where: { field: "cents", is: "<", value: 3 } },
        {
          name: "b",
          contiguity: "next",
          optional: true,
          where: { field: "cents", is: "<", value: 2 },
        },
      ],
      withinMs: 100,
      afterMatch: { kind: "skipPastLastEvent" },
    },
  ],
] as const satisfies readonly (readonly [string, PatternData])[])(
  "%s matches what the same pattern matches that was written in the job",
  (_, data) => {
    const [first, second] = data.stages as PatternData["stages"];
    const holds = ({ where }: (typeof data.stages)[number]) => {
      const { is, value } = where as { is: string; value: number };
      return ({ cents }: Payment) => (is === "<" ? cents < value : cents >= value);
    };
    let built: AnyValue = patternsOf<Payment>()
      .begin("a")
      .where(holds(first as never));
    if (first!.times !== undefined)
      built = Array.isArray(first!.times)
        ? built.times(...first!.times)
        : built.times(first!.times);
    if (first!.loop === "combinations") built = built.allowCombinations();
    built = built[second!.contiguity ?? "followedBy"]("b").where(holds(second as never));
    if (second!.optional === true) built = built.optional();
    built = built.within({ milliseconds: 100 });
    const afterMatch = (data as PatternData).afterMatch;
    const written = harness((payments: DataStream<Payment>) =>
      payments
        .keyBy("card")
        .pattern(built, { uid: "written", ...(afterMatch && { afterMatch: afterMatch as never }) })
        .select((match) => match),
    );
    const { rule, pay, watermark, found } = driven();
    rule("same", data);
    for (const [at, cents] of [1, 2, 3, 1, 1, 4, 2, 3, 1].entries()) {
      pay(cents, at + 1);
      written.element({ card: "c", cents }, at + 1);
    }
    watermark(1_000);
    written.watermark(1_000);
    const expected = written
      .take()
      .map(({ value, timestampMs }) => [
        "same",
        Object.fromEntries(
          Object.entries(value as Record<string, Payment[]>).map(([stage, all]) => [
            stage,
            all.map(({ cents }) => cents),
          ]),
        ),
        timestampMs,
      ]);
    expect(expected.length).toBeGreaterThan(2);
    expect(found()).toEqual(expected);
  },
);
