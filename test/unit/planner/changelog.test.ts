import { describe, expect, test } from "vitest";
import {
  continuousEventTimeTrigger,
  countTrigger,
  globalWindows,
  isMillraceError,
  processingTimeoutTrigger,
  purgingTrigger,
  type WindowOptions,
  sessionWindows,
  tumblingWindows,
} from "../../../runtime/index.ts";
import { elementType } from "../../../runtime/api/element-type.ts";
import type { ChangelogMode } from "../../../runtime/graph/change.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { explainText } from "../../../runtime/plan/explain.ts";
import type { Plan } from "../../../runtime/plan/plan.ts";
import { append, byShop, graphOf, type Order, orders, planOf } from "../plan/fixture/jobs.ts";
import type { DataStream, StreamEnvironment } from "../../../runtime/index.ts";

const hour = tumblingWindows({ size: { hours: 1 } });
const late = { allowedLateness: { hours: 1 } };

interface Count {
  readonly shop: string;
  readonly count: number;
}

const counted = {
  create: () => 0,
  add: (sum: number) => sum + 1,
  result: (sum: number) => sum,
  merge: (left: number, right: number) => left + right,
};
const retractable = { ...counted, retract: (sum: number) => sum - 1 };

function hourly(env: StreamEnvironment, options: object = late): DataStream<Count> {
  return orders(env)
    .keyBy((order) => order.shop)
    .window(hour, { uid: "hourly", ...options })
    .aggregate(counted, (count, { key }) => ({ shop: key, count }));
}

/** What each operator takes and gives, by uid or kind. */
function modesOf(plan: Plan): Record<string, readonly [ChangelogMode, ChangelogMode]> {
  const operators = plan.stages.flatMap((stage) => stage.operators);
  return Object.fromEntries(
    operators.map(({ name, takes = "append", gives = "append" }) => [name, [takes, gives]]),
  );
}

function refusal(build: (env: StreamEnvironment) => void) {
  try {
    buildPlan(graphOf(build));
  } catch (thrown) {
    if (isMillraceError(thrown)) return thrown;
    throw thrown;
  }
  throw new Error("The planner took a graph that it should refuse.");
}

describe("the changelog mode of an operator's results", () => {
  test("is append where nothing is ever replaced: a window without lateness fires once", () => {
    const plan = planOf((env) => hourly(env, {}).sinkTo(byShop(), { uid: "out" }));
    expect(modesOf(plan)).toEqual({
      orders: ["append", "append"],
      hourly: ["append", "append"],
      out: ["append", "append"],
    });
  });

  const purging = purgingTrigger<Order>(countTrigger(3));
  test.each<[ChangelogMode, string, Partial<WindowOptions<Order>>]>([
    ["append", "purges with each result", { trigger: purging }],
    ["append", "purges with each result, late ones as well", { ...late, trigger: purging }],
    ["append", "discards what it gave", { ...late, accumulation: "discarding" }],
    [
      "append",
      "discards, before its end too",
      { accumulation: "discarding", trigger: countTrigger(3) },
    ],
    ["append", "retracts nothing, since it fires once", { accumulation: "retracting" }],
    ["upsert", "counts", { trigger: countTrigger(3) }],
    ["upsert", "accumulates", { ...late, accumulation: "accumulating" }],
    [
      "upsert",
      "purges with some results only",
      { trigger: processingTimeoutTrigger(purging, { timeout: { minutes: 1 } }) },
    ],
    ["retract", "retracts, though nobody asks", { ...late, accumulation: "retracting" }],
  ])("is %s of a window that %s", (mode, _, options) => {
    const plan = planOf((env) => hourly(env, options).sinkTo(byShop(), { uid: "out" }));
    expect(modesOf(plan)["hourly"]?.[1]).toBe(mode);
  });

  test("is append of count windows, and changes of a global window move in time", () => {
    const count = planOf((env) =>
      orders(env)
        .keyBy("shop")
        .countWindow({ size: 3, slide: 1, uid: "counted" })
        .aggregate(counted)
        .sinkTo(append(), { uid: "out" }),
    );
    expect(modesOf(count)["counted"]).toEqual(["append", "append"]);
    const error = refusal((env) => {
      orders(env)
        .keyBy("shop")
        .window(globalWindows(), { uid: "all", trigger: countTrigger(3) })
        .aggregate(counted)
        .keyBy((n) => n)
        .window(hour, { uid: "hourly" })
        .aggregate(retractable)
        .sinkTo(append(), { uid: "out" });
    });
    expect(error.code).toBe("changes-not-taken");
    expect(error.next).toMatch(/belongs to no window/);
  });

  test("can't be taken by a trigger of functions", () => {
    const error = refusal((env) => {
      hourly(env)
        .keyBy(({ count }) => count)
        .window(hour, { uid: "again", trigger: countTrigger(3) })
        .aggregate(retractable)
        .sinkTo(append(), { uid: "out" });
    });
    expect(error.next).toMatch(/can't take back what they have seen/);
  });

  test("is upsert where a window fires again and nobody needs what it replaces", () => {
    const plan = planOf((env) =>
      hourly(env)
        .map((row) => row)
        .filter(({ count }) => count > 1)
        .sinkTo(byShop(), { uid: "out" }),
    );
    expect(modesOf(plan)).toEqual({
      orders: ["append", "append"],
      hourly: ["append", "upsert"],
      map: ["upsert", "upsert"],
      filter: ["upsert", "upsert"],
      out: ["upsert", "append"],
    });
  });

  test("is retract where somebody behind counts the results, through map and filter", () => {
    const plan = planOf((env) =>
      hourly(env)
        .map((row) => row)
        .filter(({ count }) => count > 1)
        .keyBy(({ count }) => count)
        .window(hour, { uid: "shops-by-count" })
        .aggregate(retractable)
        .sinkTo(append(), { uid: "out" }),
    );
    expect(modesOf(plan)).toMatchObject({
      hourly: ["append", "retract"],
      map: ["retract", "retract"],
      filter: ["retract", "retract"],
      "shops-by-count": ["retract", "upsert"],
      out: ["upsert", "append"],
    });
  });

  test("is retract where rows are sent to a sink by another key: a result may have moved to another row", () => {
    const plan = planOf((env) =>
      orders(env)
        .keyBy((order) => order.item)
        .window(hour, { uid: "hourly", ...late })
        .aggregate(counted, (count, { key }) => ({ shop: key, count }))
        .sinkTo(byShop(), { uid: "out" }),
    );
    expect(modesOf(plan)).toMatchObject({
      hourly: ["append", "retract"],
      out: ["retract", "append"],
    });
  });

  test("is upsert behind a rolling reduce, and append behind toChangelogStream", () => {
    const plan = planOf((env) =>
      orders(env)
        .keyBy((order) => order.shop)
        .reduce((sum, order) => ({ ...sum, amount: sum.amount + order.amount }), { uid: "sums" })
        .toChangelogStream()
        .keyBy(({ value }) => value.shop)
        .window(hour, { uid: "changes" })
        .aggregate(counted)
        .sinkTo(append(), { uid: "out" }),
    );
    expect(modesOf(plan)).toMatchObject({
      sums: ["append", "retract"],
      changelog: ["retract", "append"],
      changes: ["append", "append"],
    });
  });

  test("stays upsert in front of a process function that puts results in the place of others", () => {
    const plan = planOf((env) =>
      hourly(env)
        .keyBy(({ shop }) => shop)
        .process({
          uid: "latest",
          accepts: "upsert",
          onElement: (row, ctx) => ctx.emit(row),
          emits: elementType<Count>(),
        })
        .sinkTo(byShop(), { uid: "out" }),
    );
    expect(modesOf(plan)).toMatchObject({
      hourly: ["append", "upsert"],
      latest: ["upsert", "append"],
    });
  });

  test("is that of the input for the late side output of a window, and append for a process function's", () => {
    const plan = planOf((env) => {
      hourly(env)
        .keyBy(({ shop }) => shop)
        .process({
          uid: "seen",
          accepts: "retract",
          onElement: (row, ctx) => ctx.emit(row),
          emits: elementType<Count>(),
        })
        .sinkTo(byShop(), { uid: "out" });
    });
    expect(modesOf(plan)).toMatchObject({
      hourly: ["append", "retract"],
      seen: ["retract", "append"],
      out: ["append", "append"],
    });
  });

  test("of a union is what can be relied on of all its inputs", () => {
    const plan = planOf((env) =>
      hourly(env)
        .union(orders(env, "counts").map(({ shop, amount }) => ({ shop, count: amount })))
        .sinkTo(append(), { uid: "out" }),
    );
    expect(modesOf(plan)).toMatchObject({ out: ["upsert", "append"] });
  });

  test("is what explain prints behind an operator", () => {
    const text = explainText(planOf((env) => hourly(env).sinkTo(byShop(), { uid: "out" })));
    expect(text).toContain("window hourly [upsert]");
    expect(text).not.toContain("[append]");
  });
});

describe("what can't take results back is refused when it is planned", () => {
  const byCount = (env: StreamEnvironment) => hourly(env).keyBy(({ count }) => count);

  test("a reduce without retract", () => {
    const error = refusal((env) =>
      byCount(env)
        .reduce((sum, row) => ({ ...sum, count: sum.count + row.count }), { uid: "sums" })
        .sinkTo(append(), { uid: "out" }),
    );
    expect(error).toMatchObject({ code: "changes-not-taken", uid: "sums", domain: "job" });
    expect(error.message).toMatch(/reduce "sums".* twice: the window "hourly".*fires again/);
    expect(error.next).toMatch(/retract\(accumulated, value\)/);
  });

  test("a reduce without retract behind a window that fires before its end", () => {
    const error = refusal((env) =>
      orders(env)
        .keyBy("shop")
        .window(hour, {
          uid: "hourly",
          trigger: continuousEventTimeTrigger({ interval: { minutes: 1 } }),
        })
        .reduce((left) => left)
        .keyBy("shop")
        .reduce((left) => left, { uid: "sums" })
        .sinkTo(append(), { uid: "out" }),
    );
    expect(error).toMatchObject({ code: "changes-not-taken", uid: "sums" });
    expect(error.message).toMatch(/the window "hourly".*fires before its end as well/);
  });

  test("a process function that does not say that it looks at changes", () => {
    const error = refusal((env) =>
      byCount(env)
        .process({ uid: "seen", onElement: () => undefined, emits: elementType<Count>() })
        .sinkTo(append(), { uid: "out" }),
    );
    expect(error).toMatchObject({ code: "changes-not-taken", uid: "seen" });
    expect(error.next).toMatch(/accepts: "upsert"/);
  });

  test.each([
    ["an aggregate without retract", hour, /retract\(accumulator, value\)/],
    ["sessions", sessionWindows({ gap: { minutes: 5 } }), /taken apart/],
  ] as const)("%s", (_, assigner, next) => {
    const error = refusal((env) =>
      byCount(env)
        .window(assigner, { uid: "again" })
        .aggregate(counted)
        .sinkTo(append(), { uid: "out" }),
    );
    expect(error).toMatchObject({ code: "changes-not-taken", uid: "again" });
    expect(error.next).toMatch(next);
  });

  test("a window that reduces", () => {
    const error = refusal((env) =>
      byCount(env)
        .window(hour, { uid: "again" })
        .reduce((left) => left)
        .sinkTo(append(), { uid: "out" }),
    );
    expect(error.next).toMatch(/Use aggregate with retract/);
  });

  test("a window over a rolling reduce, whose results have no time of their own", () => {
    const error = refusal((env) =>
      orders(env)
        .keyBy((order) => order.shop)
        .reduce((sum: Order) => sum, { uid: "sums" })
        .keyBy((order) => order.item)
        .window(hour, { uid: "again" })
        .aggregate(retractable)
        .sinkTo(append(), { uid: "out" }),
    );
    expect(error.message).toMatch(/reduce "sums".*new result for every element/);
    expect(error.next).toMatch(/belongs to no window/);
  });
});
