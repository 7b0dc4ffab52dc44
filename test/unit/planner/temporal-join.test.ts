import { describe, expect, test } from "vitest";
import {
  elementType,
  noWatermarks,
  outputTag,
  type TemporalJoinOptions,
} from "../../../runtime/index.ts";
import { migratorsOf } from "../../../runtime/planner/migrators-of.ts";
import { append, graphOf, type Order, orders, planOf, stageOf } from "../plan/fixture/jobs.ts";

type Options = Partial<TemporalJoinOptions<Order, Order>>;

const joining = (options: Options = {}, read: Parameters<typeof orders>[2] = {}) =>
  [
    (env) => {
      orders(env)
        .keyBy("shop")
        .temporalJoin(orders(env, "prices", read).keyBy("shop"), { uid: "priced", ...options })
        .apply((one) => one.shop)
        .sinkTo(append(), { uid: "rows" });
    },
  ] satisfies Parameters<typeof planOf>;

describe("the plan of a temporal join", () => {
  test("has two inputs, what waits and the versions; the type is part of its identity", () => {
    const plan = planOf(...joining());
    const stage = stageOf(plan, "priced");
    expect(stage.inputs).toHaveLength(2);
    expect(stage.operators[0]?.states).toEqual([
      { name: "left", kind: "join-buffer", version: 1 },
      { name: "right", kind: "join-versions", version: 1 },
    ]);
    expect(planOf(...joining({ type: "left" as "inner" })).fingerprint).not.toBe(plan.fingerprint);
  });

  test("takes versions that are replaced and withdrawn without their values before, and gives new results", () => {
    const late = outputTag<Order>("late");
    const plan = planOf((env) => {
      const newest = orders(env, "prices")
        .keyBy("shop")
        .reduce((_, one) => one, { uid: "newest" });
      const closed = orders(env, "shops")
        .keyBy("shop")
        .process({
          uid: "closed",
          gives: "upsert",
          emits: elementType<Order>(),
          onElement: (one, ctx) => ctx.delete(one),
        });
      const rows = orders(env)
        .keyBy("shop")
        .temporalJoin(newest.union(closed).keyBy("shop"), { uid: "priced", rightLateOutput: late })
        .apply((one) => one.shop);
      rows.sinkTo(append(), { uid: "rows" });
      rows.sideOutput(late).sinkTo(append(), { uid: "late-rows" });
    });
    const operators = plan.stages.flatMap((stage) => stage.operators);
    const find = (uid: string) => operators.find((one) => one.uid === uid);
    expect(find("newest")?.gives).toBe("upsert");
    expect(find("priced")).toMatchObject({ takes: "upsert" });
    expect(find("priced")?.gives).toBeUndefined();
    expect(find("rows")?.takes).toBeUndefined();
    expect(find("late-rows")?.takes).toBe("upsert");
  });

  test("refuses elements that are replaced: what was given of them stays", () => {
    expect(() =>
      planOf((env) =>
        orders(env)
          .keyBy("shop")
          .reduce((_, one) => one, { uid: "newest" })
          .keyBy("shop")
          .temporalJoin(orders(env, "prices").keyBy("shop"), { uid: "priced" })
          .apply((one) => one.shop)
          .sinkTo(append(), { uid: "rows" }),
      ),
    ).toThrow(/only versions may be replaced/);
  });

  test("needs watermarks of both streams", () => {
    expect(() => planOf(...joining({}, { watermarks: noWatermarks() }))).toThrow(
      expect.objectContaining({ code: "join-without-watermarks" }) as Error,
    );
  });

  test("migrates what is kept of both; where nothing holds there is nothing to migrate", () => {
    const migrate = (value: unknown, from: number) => [value, from] as unknown as Order;
    const state = { version: 2, migrate };
    const migrators = migratorsOf(graphOf(...joining({ leftState: state, rightState: state })));
    const migrated = (name: string, value: unknown) =>
      migrators.get(`priced/${name}`)?.({ value, mapKey: 10, fromVersion: 1 });
    expect(migrated("left", { values: ["a"] })).toEqual({ values: [["a", 1]] });
    expect(migrated("right", { value: "x" })).toEqual({ value: ["x", 1] });
    expect(migrated("right", {})).toEqual({});
  });
});
