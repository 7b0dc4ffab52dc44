import { describe, expect, test } from "vitest";
import { type IntervalJoinOptions, noWatermarks, outputTag } from "../../../runtime/index.ts";
import { migratorsOf } from "../../../runtime/planner/migrators-of.ts";
import { append, graphOf, type Order, orders, planOf, stageOf } from "../plan/fixture/jobs.ts";

type Options = Partial<IntervalJoinOptions<Order, Order, "inner">>;

const joining = (options: Options = {}, read: Parameters<typeof orders>[2] = {}) =>
  [
    (env) => {
      const rows = orders(env)
        .keyBy("shop")
        .intervalJoin(orders(env, "returns", read).keyBy("shop"), {
          uid: "near",
          between: [{ hours: -1 }, { hours: 2 }],
          ...options,
        })
        .apply((one) => one.shop);
      rows.sinkTo(append(), { uid: "rows" });
      if (options.leftLateOutput !== undefined)
        rows.sideOutput(outputTag<Order>("late")).sinkTo(append(), { uid: "late-rows" });
    },
  ] satisfies Parameters<typeof planOf>;

describe("the plan of an interval join", () => {
  test("has two inputs and a buffer for each; bounds and type are part of its identity", () => {
    const plan = planOf(...joining());
    const [near] = stageOf(plan, "near").operators;
    expect(near).toMatchObject({ kind: "intervalJoin", stateful: true });
    expect(near?.states).toEqual([
      { name: "left", kind: "join-buffer", version: 1 },
      { name: "right", kind: "join-buffer", version: 1 },
    ]);
    const others: readonly Options[] = [
      { between: [{ hours: -1 }, { hours: 3 }] },
      { upperBoundExclusive: true },
      { type: "full" as "inner" },
    ];
    for (const other of others)
      expect(planOf(...joining(other)).fingerprint).not.toBe(plan.fingerprint);
  });

  test.each<[string, Options, Parameters<typeof orders>[2], RegExp]>([
    ["join-bounds-invalid", { between: [{ hours: 1 }, {}] }, {}, /No time is between.*"near"/],
    [
      "join-bounds-invalid",
      { between: [{}, {}], lowerBoundExclusive: true },
      {},
      /first one is 1 ms, the last one 0 ms/,
    ],
    ["join-without-watermarks", {}, { watermarks: noWatermarks() }, /"returns".* no watermarks/],
    ["side-output-unknown", { leftLateOutput: outputTag("other") }, {}, /no side output "late"/],
  ])("%s", (code, options, read, message) => {
    expect(() => planOf(...joining(options, read))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
    );
  });

  test("refuses results that are replaced", () => {
    expect(() =>
      planOf((env) => {
        const newest = orders(env)
          .keyBy("shop")
          .reduce((one) => one, { uid: "newest" });
        newest
          .keyBy("shop")
          .intervalJoin(orders(env, "returns").keyBy("shop"), { uid: "near", between: [{}, {}] })
          .apply((one) => one.shop)
          .sinkTo(append(), { uid: "rows" });
      }),
    ).toThrow(/keeps the pairs of what it was given/);
  });

  test("migrates the elements that are kept, and what is noted of them stays", () => {
    const migrators = migratorsOf(
      graphOf(
        ...joining({
          leftState: { version: 2, migrate: (value, from) => [value, from] as unknown as Order },
        }),
      ),
    );
    expect([...migrators.keys()]).toEqual(["near/left"]);
    const kept = { values: ["a", "b"], unmatched: [1] };
    expect(migrators.get("near/left")?.({ value: kept, mapKey: 10, fromVersion: 1 })).toEqual({
      values: [
        ["a", 1],
        ["b", 1],
      ],
      unmatched: [1],
    });
  });
});
