import { describe, expect, test } from "vitest";
import {
  type DataStream,
  elementType,
  outputTag,
  tumblingWindows,
} from "../../../runtime/index.ts";
import {
  append,
  byShop,
  namesIn,
  type Order,
  orders,
  planOf,
  stageOf,
} from "../plan/fixture/jobs.ts";

const hour = tumblingWindows({ size: { hours: 1 } });

describe("stateless operators", () => {
  test("chain into the stage that feeds them", () => {
    const plan = planOf((env) =>
      orders(env)
        .map((order) => order.item)
        .filter((item) => item !== "")
        .sinkTo(append(), { uid: "out" }),
    );
    expect(plan.stages.map(({ id, kind }) => [id, kind])).toEqual([["orders", "source"]]);
    expect(stageOf(plan, "orders").operators.map(({ node, inputs }) => [node, inputs])).toEqual([
      [0, [{ from: "input" }]],
      [1, [{ from: 0 }]],
      [2, [{ from: 1 }]],
      [3, [{ from: 2 }]],
    ]);
  });

  test("behind a union stand in every stage that feeds it", () => {
    const plan = planOf((env) =>
      orders(env)
        .union(orders(env, "returns"))
        .map((order) => order.item)
        .sinkTo(append(), { uid: "out" }),
    );
    expect(namesIn(plan, "orders")).toEqual(["orders", "map", "out"]);
    expect(namesIn(plan, "returns")).toEqual(["returns", "map", "out"]);
    expect(plan.sinks).toHaveLength(1);
  });

  test("behind a union of two streams of one stage stand there once, with both inputs", () => {
    const plan = planOf((env) => {
      const all = orders(env);
      const large = all.filter((order) => order.amount > 100);
      const free = all.filter((order) => order.amount === 0);
      large.union(free).sinkTo(append(), { uid: "out" });
    });
    expect(stageOf(plan, "orders").operators.at(-1)?.inputs).toEqual([{ from: 1 }, { from: 2 }]);
  });

  test("that lead to no sink are left out", () => {
    const plan = planOf((env) => {
      const all = orders(env);
      all.map((order) => order.item);
      all.sinkTo(append(), { uid: "out" });
    });
    expect(namesIn(plan, "orders")).toEqual(["orders", "out"]);
  });
});

describe("keyed stages", () => {
  test("hold all that is directly behind one keyBy", () => {
    const plan = planOf((env) => {
      const keyed = orders(env).keyBy((order) => order.shop);
      const sum = keyed.reduce((one, other) => (one.amount > other.amount ? one : other), {
        uid: "largest",
      });
      sum.sinkTo(byShop(), { uid: "shops" });
      keyed
        .window(hour, { uid: "hourly" })
        .process((all, { key }) => [{ shop: key, count: all.length }])
        .sinkTo(append(), { uid: "out" });
    });
    expect(plan.stages.map(({ id }) => id)).toEqual(["orders", "largest"]);
    expect(stageOf(plan, "largest")).toMatchObject({
      kind: "exchange",
      upstream: ["orders"],
      keyedBy: { kind: "keyBy", fields: ["shop"] },
    });
    expect(namesIn(plan, "largest")).toEqual(["largest", "shops", "hourly", "out"]);
  });

  test("get what the source sends where nothing stands before the keyBy", () => {
    const plan = planOf((env) =>
      orders(env)
        .keyBy((order) => order.shop)
        .sinkTo(byShop(), { uid: "shops" }),
    );
    expect(stageOf(plan, "orders").operators).toMatchObject([
      { name: "orders", inputs: [{ from: "input" }], sends: [{ stage: "shops" }] },
    ]);
    expect(stageOf(plan, "shops").operators).toMatchObject([
      { name: "shops", inputs: [{ from: "input" }] },
    ]);
  });

  test("follow each other where results are keyed again", () => {
    const plan = planOf((env) =>
      orders(env)
        .keyBy((order) => order.shop)
        .reduce((_, other) => other, { uid: "first" })
        .keyBy((order) => order.item)
        .reduce((_, other) => other, { uid: "second", retract: (left) => left })
        .sinkTo(append(), { uid: "out" }),
    );
    expect(plan.stages.map(({ id, upstream }) => [id, upstream])).toEqual([
      ["orders", []],
      ["first", ["orders"]],
      ["second", ["first"]],
    ]);
  });

  test("of a stream that is keyed anew at once don't exist", () => {
    const plan = planOf((env) =>
      orders(env)
        .keyBy((order) => order.item)
        .keyBy((order) => order.shop)
        .reduce((_, other) => other, { uid: "last" })
        .sinkTo(byShop(), { uid: "shops" }),
    );
    expect(plan.stages.map(({ id, upstream }) => [id, upstream])).toEqual([
      ["orders", []],
      ["last", ["orders"]],
    ]);
  });

  test("are fed by every stage of a union", () => {
    const plan = planOf((env) =>
      orders(env)
        .union(orders(env, "returns"))
        .keyBy((order) => order.shop)
        .reduce((_, other) => other, { uid: "last" })
        .sinkTo(byShop(), { uid: "shops" }),
    );
    expect(stageOf(plan, "last").upstream).toEqual(["orders", "returns"]);
  });

  test("are fed by side outputs under their tag", () => {
    const refused = outputTag<{ shop: string }>("refused");
    const plan = planOf((env) => {
      orders(env)
        .keyBy((order) => order.item)
        .process({
          uid: "check",
          emits: elementType<never>(),
          onElement: (order, ctx) => ctx.output(refused, order),
        })
        .sideOutput(refused)
        .keyBy(({ shop }) => shop)
        .reduce((_, other) => other, { uid: "last" })
        .sinkTo(byShop(), { uid: "shops" });
    });
    expect(stageOf(plan, "check").operators[0]?.sends).toEqual([{ stage: "last", tag: "refused" }]);
  });

  test("without any uid, and twice of the same, have ids of their own", () => {
    const plan = planOf((env) => {
      const all = orders(env);
      const one = all.keyBy((order) => order.shop).map((order) => order.item);
      const other = all.keyBy((order) => order.item).map((order) => order.shop);
      one.union(other).sinkTo(append(), { uid: "out" });
      one.keyBy((item) => item).sinkTo(append(), { uid: "again" });
      all
        .keyBy((order) => order.amount)
        .map((order) => order.shop)
        .keyBy((shop) => shop)
        .sinkTo(append(), { uid: "third" });
    });
    expect(plan.stages.map(({ id }) => id)).toEqual([
      "orders",
      "out",
      "out~2",
      "again",
      "~map",
      "third",
    ]);
  });
});

describe("a stage is aligned with its source", () => {
  const aligned = (partitionedBy: (order: { shop: string }) => string, by = partitionedBy) =>
    planOf((env) =>
      orders(env, "orders", { partitionedBy })
        .filter((order) => order.amount > 0)
        .keyBy(by)
        .reduce((_, other) => other, { uid: "last" })
        .sinkTo(byShop(), { uid: "shops" }),
    ).stages[1];

  test("where the keyBy's selector is the function that partitions the source", () => {
    const stage = aligned((order) => order.shop.toLowerCase());
    expect(stage).toMatchObject({ kind: "aligned", source: "orders", upstream: ["orders"] });
  });

  test("where both are seen to take the same field", () => {
    const one = (order: { shop: string }) => order.shop;
    const other = ({ shop }: { shop: string }) => shop;
    expect(aligned(one, other)).toMatchObject({ kind: "aligned", keyedBy: { fields: ["shop"] } });
  });

  test("but not where they can't be seen to be the same", () => {
    const stage = aligned(
      (order) => order.shop.toLowerCase(),
      (order) => order.shop.toLowerCase(),
    );
    expect(stage).toMatchObject({ kind: "exchange" });
    expect(stage).not.toHaveProperty("source");
  });

  test("but not behind a map, which makes other elements", () => {
    const plan = planOf((env) =>
      orders(env, "orders", { partitionedBy: (order) => order.shop })
        .map((order) => ({ ...order, shop: "all" }))
        .keyBy((order) => order.shop)
        .sinkTo(byShop(), { uid: "shops" }),
    );
    expect(stageOf(plan, "shops").kind).toBe("exchange");
  });

  test.each([
    ["by its name", (all: DataStream<Order>) => all.keyBy("shop")],
    ["by a function", (all: DataStream<Order>) => all.keyBy(({ shop }) => shop)],
  ] as const)("where its field is named, and the stage is keyed %s", (_, keyed) => {
    const plan = planOf((env) =>
      keyed(orders(env, "orders", { partitionedBy: "shop" })).sinkTo(byShop(), { uid: "shops" }),
    );
    expect(stageOf(plan, "shops")).toMatchObject({ kind: "aligned", source: "orders" });
    expect(plan.sources[0]).toMatchObject({ partitionField: "shop" });
  });

  test("but not for a list of that field, which is another key", () => {
    const plan = planOf((env) =>
      orders(env, "orders", { partitionedBy: "shop" })
        .keyBy(["shop"])
        .reduce((one) => one, { uid: "last" })
        .sinkTo(append(), { uid: "out" }),
    );
    expect(stageOf(plan, "last").kind).toBe("exchange");
  });

  test("but not behind a union", () => {
    const partitionedBy = (order: { readonly shop: string }) => order.shop;
    const plan = planOf((env) =>
      orders(env, "orders", { partitionedBy })
        .union(orders(env, "returns", { partitionedBy }))
        .keyBy(partitionedBy)
        .sinkTo(byShop(), { uid: "shops" }),
    );
    expect(stageOf(plan, "shops").kind).toBe("exchange");
  });
});

describe("a sink of rows", () => {
  test("stays in the stage whose key its own contains", () => {
    const plan = planOf((env) =>
      orders(env)
        .keyBy((order) => order.shop)
        .reduce((_, other) => other, { uid: "last" })
        .sinkTo(byShop(), { uid: "shops" }),
    );
    expect(namesIn(plan, "last")).toEqual(["last", "shops"]);
  });

  test.each([
    ["by another field", (order: { item: string }) => order.item],
    [
      "by more than the sink's key",
      (order: { item: string; shop: string }) => [order.shop, order.item],
    ],
    ["by a function that can't be seen through", (order: { shop: string }) => order.shop.trim()],
  ] as const)("stands behind an exchange on its key where the stage is keyed %s", (_, select) => {
    const plan = planOf((env) =>
      orders(env)
        .keyBy(select as (order: unknown) => string)
        .reduce((_, other) => other, { uid: "last" })
        .sinkTo(byShop(), { uid: "shops" }),
    );
    expect(stageOf(plan, "last").operators[0]?.sends).toEqual([{ stage: "shops" }]);
    expect(stageOf(plan, "shops")).toEqual({
      id: "shops",
      kind: "exchange",
      upstream: ["last"],
      keyedBy: { node: 3, kind: "sink", fields: ["shop"] },
      operators: [
        {
          node: 3,
          kind: "sink",
          name: "shops",
          uid: "shops",
          inputs: [{ from: "input" }],
          sends: [],
          stateful: false,
          takes: "retract",
        },
      ],
    });
  });

  test("stands behind an exchange in a stage without keys", () => {
    const plan = planOf((env) => orders(env).sinkTo(byShop(), { uid: "shops" }));
    expect(stageOf(plan, "shops").keyedBy).toEqual({ node: 1, kind: "sink", fields: ["shop"] });
  });

  test("directly behind a keyBy by something else gets its elements from before the keyBy", () => {
    const plan = planOf((env) =>
      orders(env)
        .keyBy((order) => order.item)
        .sinkTo(byShop(), { uid: "shops" }),
    );
    expect(plan.stages.map(({ id, upstream }) => [id, upstream])).toEqual([
      ["orders", []],
      ["shops", ["orders"]],
    ]);
  });

  test("that several stages feed stands behind one exchange, so that a row has one writer", () => {
    const plan = planOf((env) => {
      const all = orders(env);
      const last = (uid: string) =>
        all.keyBy((order) => order.shop).reduce((_, other) => other, { uid });
      last("one").union(last("other")).sinkTo(byShop(), { uid: "shops" });
    });
    expect(stageOf(plan, "shops").upstream).toEqual(["one", "other"]);
  });
});
