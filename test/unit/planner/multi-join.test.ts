import { describe, expect, test } from "vitest";
import { elementType, type KeyedStream, type StreamEnvironment } from "../../../runtime/index.ts";
import { migratorsOf } from "../../../runtime/planner/migrators-of.ts";
import { append, graphOf, type Order, orders, planOf, stageOf } from "../plan/fixture/jobs.ts";

interface Kept {
  readonly keeps?: "last" | "all";
  readonly type?: "inner" | "left";
}

const changing = (env: StreamEnvironment): KeyedStream<Order, string> =>
  orders(env, "prices")
    .keyBy("shop")
    .reduce((_, one) => one, { uid: "newest" })
    .keyBy("shop");

const withoutBefore = (env: StreamEnvironment): KeyedStream<Order, string> =>
  orders(env, "prices")
    .keyBy("shop")
    .process({
      uid: "newest",
      gives: "upsert",
      emits: elementType<Order>(),
      onElement: (one, ctx) => ctx.emit(one),
    })
    .keyBy("shop");

const joining =
  (own: Kept, price: Kept, priceOf?: typeof changing) =>
  (env: StreamEnvironment): void =>
    orders(env)
      .keyBy("shop")
      .multiJoin(
        {
          price: { stream: priceOf?.(env) ?? orders(env, "prices").keyBy("shop"), ...price },
          owner: { stream: orders(env, "owners").keyBy("shop"), ...own, type: "inner" },
        },
        { uid: "joined", ...own },
      )
      .apply((one) => one.shop)
      .sinkTo(append(), { uid: "rows" });

const all = { keeps: "all" } as const;

const joinedOf = (build: (env: StreamEnvironment) => void) => {
  const stage = stageOf(planOf(build), "joined");
  return { stage, operator: stage.operators[0]! };
};

describe("the plan of a join of several inputs", () => {
  test("has an input for each stream, and what is kept of each once", () => {
    const { stage, operator } = joinedOf(joining({}, {}));
    expect(stage.inputs?.map(({ route }) => route)).toEqual(["key", "key", "key"]);
    expect(stage.inputs?.map(({ upstream }) => upstream)).toEqual([
      ["orders"],
      ["prices"],
      ["owners"],
    ]);
    expect(operator.states).toEqual([
      { name: "left", kind: "join-rows", version: 1 },
      { name: "owner", kind: "join-rows", version: 1 },
      { name: "price", kind: "join-rows", version: 1 },
    ]);
  });

  test.each<[string, Kept, Kept, typeof changing | undefined, string]>([
    ["all rows of new elements", all, all, undefined, "append"],
    ["last rows", {}, {}, undefined, "upsert"],
    ["last rows of one", all, {}, undefined, "retract"],
    ["an optional input", all, { ...all, type: "left" }, undefined, "retract"],
    ["rows that are replaced", all, all, changing, "retract"],
  ])("gives for %s what can be relied on", (_, own, price, from, mode) => {
    const { operator } = joinedOf(joining(own, price, from));
    expect(operator.gives ?? "append").toBe(mode);
  });

  test("asks for the values before, and can do without where it keeps the last row alone", () => {
    const inputsOf = (price: Kept) => joinedOf(joining(all, price, changing)).stage.inputs;
    expect(inputsOf(all)?.[1]?.mode).toBe("retract");
    expect(inputsOf({})?.[1]?.mode).toBe("retract");
    expect(() => planOf(joining(all, {}, withoutBefore))).not.toThrow();
    expect(() => planOf(joining(all, all, withoutBefore))).toThrow(
      expect.objectContaining({ code: "changes-not-taken" }) as Error,
    );
  });

  test("what is kept and required is part of its identity", () => {
    const fingerprints = [joining({}, {}), joining(all, {}), joining({}, { type: "left" })].map(
      (build) => planOf(build).fingerprint,
    );
    expect(new Set(fingerprints).size).toBe(3);
  });

  const named = (names: readonly string[]) => (env: StreamEnvironment) => {
    const stream = orders(env, "prices").keyBy("shop");
    orders(env)
      .keyBy("shop")
      .multiJoin(Object.fromEntries(names.map((name) => [name, { stream }])), { uid: "joined" })
      .apply((one) => one.shop)
      .sinkTo(append(), { uid: "rows" });
  };

  test.each([
    [[], /joins with 0 streams/],
    [["left"], /calls one of its streams "left"/],
    [["a/b"], /calls one of its streams "a\/b"/],
    [Array.from({ length: 16 }, (_, at) => `s${at}`), /joins with 16 streams/],
  ] as const)("refuses %j", (names, message) => {
    expect(() => planOf(named(names))).toThrow(
      expect.objectContaining({
        code: "join-inputs-invalid",
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
    expect(() => planOf(named(["price", "owner"]))).not.toThrow();
  });

  test("migrates the rows that are kept, and leaves their times", () => {
    const migrate = (value: unknown, from: number) => [value, from] as unknown as Order;
    const migrators = migratorsOf(
      graphOf((env) =>
        orders(env)
          .keyBy("shop")
          .multiJoin(
            { price: { stream: orders(env, "prices").keyBy("shop") } },
            {
              uid: "joined",
              state: { version: 2, migrate },
            },
          )
          .apply((one) => one.shop)
          .sinkTo(append(), { uid: "rows" }),
      ),
    );
    expect(migrators.get("joined/left")?.({ value: ["a", 7], mapKey: 0, fromVersion: 1 })).toEqual([
      ["a", 1],
      7,
    ]);
  });
});
