import { describe, expect, test } from "vitest";
import {
  sessionWindows,
  type StateVersion,
  tumblingWindows,
  valueState,
  type DataStream,
  type KeyedStream,
  type KeyValue,
} from "../../../runtime/index.ts";
import type { WindowAssigner } from "../../../runtime/graph/window-assigner.ts";
import { canonicalJson } from "../../../runtime/planner/canonical-json.ts";
import { append, graphOf, type Order, orders, planOf, withNodes } from "../plan/fixture/jobs.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";

interface Variant {
  readonly assigner?: WindowAssigner;
  readonly uid?: string;
  readonly key?: "shop" | "item";
  readonly maps?: number;
  readonly latenessHours?: number;
  readonly maxParallelism?: number;
}

function print(variant: Variant = {}): string {
  const { uid = "hourly", key = "shop", maps = 0, latenessHours = 0 } = variant;
  const assigner = variant.assigner ?? tumblingWindows({ size: { hours: 1 } });
  const { fingerprint } = planOf(
    (env) => {
      let stream = orders(env);
      for (let count = 0; count < maps; count++) stream = stream.map((order) => order);
      stream
        .keyBy((order) => order[key])
        .window(assigner, { uid, allowedLateness: { hours: latenessHours } })
        .process((all) => [all.length])
        .sinkTo(append(), { uid: "out" });
    },
    { maxParallelism: variant.maxParallelism ?? 1024 },
  );
  return fingerprint;
}

describe("a plan's fingerprint", () => {
  test("is 16 hex digits and the same every time", () => {
    expect(print()).toMatch(/^[0-9a-f]{16}$/);
    expect(print()).toBe(print());
  });

  test.each<[string, Variant]>([
    ["a window's size", { assigner: tumblingWindows({ size: { hours: 2 } }) }],
    ["a window's kind", { assigner: sessionWindows({ gap: { hours: 1 } }) }],
    ["the uid of a stateful operator", { uid: "other" }],
    ["a key", { key: "item" }],
    ["the number of key groups", { maxParallelism: 512 }],
  ])("changes with %s", (_, variant) => {
    expect(print(variant)).not.toBe(print());
  });

  test.each<[string, Variant]>([
    ["stateless operators", { maps: 2 }],
    ["allowed lateness", { latenessHours: 6 }],
  ])("does not change with %s", (_, variant) => {
    expect(print(variant)).toBe(print());
  });

  test("changes with the states that a process function declares", () => {
    const withState = (...names: string[]) =>
      planOf((env) =>
        orders(env)
          .keyBy((order) => order.shop)
          .process({
            uid: "process",
            state: Object.fromEntries(names.map((name) => [name, valueState<number>()])),
            onElement() {},
          })
          .sinkTo(append(), { uid: "out" }),
      ).fingerprint;
    expect(withState("a", "b")).toBe(withState("b", "a"));
    expect(withState("a", "b")).not.toBe(withState("a"));
  });

  test("changes with the version of a state, but not with how older ones are read or what was called otherwise", () => {
    const withVersion = (version: StateVersion<number>, previousUids: readonly string[] = []) =>
      planOf((env) =>
        orders(env)
          .keyBy((order) => order.shop)
          .process({
            uid: "process",
            previousUids,
            state: { total: valueState<number>(version) },
            onElement() {},
          })
          .sinkTo(append(), { uid: "out" }),
      ).fingerprint;
    const first = withVersion({});
    expect(withVersion({ version: 1, migrate: () => 1 }, ["before"])).toBe(first);
    const second = withVersion({ version: 2 });
    expect(second).not.toBe(first);
    expect(withVersion({ version: 3 })).not.toBe(second);
    expect(withVersion({ version: 2, migrate: () => 1 })).toBe(second);
  });

  test("changes where a field becomes a list of that field", () => {
    const keyed = (key: (order: Order) => string | readonly string[]) =>
      planOf((env) =>
        orders(env)
          .keyBy(key)
          .reduce((one) => one, { uid: "last" })
          .sinkTo(append(), { uid: "out" }),
      ).fingerprint;
    expect(keyed((order) => order.shop)).not.toBe(keyed((order) => [order.shop]));
  });

  test("does not change where a function that takes fields becomes their names", () => {
    const keyed = (key: (all: DataStream<Order>) => KeyedStream<Order, KeyValue>) =>
      planOf((env) =>
        key(orders(env))
          .reduce((one) => one, { uid: "last" })
          .sinkTo(append(), { uid: "out" }),
      ).fingerprint;
    expect(keyed((all) => all.keyBy("shop"))).toBe(keyed((all) => all.keyBy((o) => o.shop)));
    expect(keyed((all) => all.keyBy(["shop"]))).toBe(keyed((all) => all.keyBy((o) => [o.shop])));
    expect(keyed((all) => all.keyBy(["shop", "item"]))).toBe(
      keyed((all) => all.keyBy((o) => [o.shop, o.item])),
    );
    expect(keyed((all) => all.keyBy("shop"))).not.toBe(keyed((all) => all.keyBy(["shop"])));
  });

  test("does not change with the order in which things are defined", () => {
    const defined = (...uids: string[]) =>
      planOf((env) => {
        for (const uid of uids) orders(env, uid).sinkTo(append(), { uid: `${uid}-out` });
      }).fingerprint;
    expect(defined("a", "b")).toBe(defined("b", "a"));
  });

  test("does not change with where the job was defined", () => {
    const graph = graphOf((env) => orders(env).sinkTo(append(), { uid: "out" }));
    const moved = withNodes(graph, () => ({ definedAt: "elsewhere.ts:1:1" }));
    expect(buildPlan(moved).fingerprint).toBe(buildPlan(graph).fingerprint);
  });
});

test("canonical JSON has the fields of every object in order", () => {
  const one = canonicalJson({ b: [{ d: 1, c: undefined, a: null }], a: "x" });
  expect(one).toBe('{"a":"x","b":[{"a":null,"d":1}]}');
});
