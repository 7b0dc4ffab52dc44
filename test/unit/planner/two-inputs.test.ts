import { describe, expect, test } from "vitest";
import { elementType, mapState } from "../../../runtime/index.ts";
import { explainMermaid } from "../../../runtime/plan/explain-mermaid.ts";
import { explainText } from "../../../runtime/plan/explain.ts";
import { inputsOf } from "../../../runtime/plan/plan.ts";
import { append, byShop, orders, planOf, stageOf } from "../plan/fixture/jobs.ts";

const pair = {
  uid: "pair",
  emits: elementType<{ readonly shop: string }>(),
  onElement1: () => undefined,
  onElement2: () => undefined,
};

const twoSources = () =>
  planOf((env) =>
    orders(env)
      .keyBy("shop")
      .connect(orders(env, "returns").keyBy("shop"))
      .process(pair)
      .sinkTo(byShop(), { uid: "rows" }),
  );

const judged = (name = "rules") =>
  planOf((env) =>
    orders(env)
      .keyBy("shop")
      .connect(orders(env, "rules").broadcast({ [name]: mapState<string, number>() }))
      .process({
        uid: "judge",
        emits: elementType<{ readonly shop: string }>(),
        onElement: () => undefined,
        onBroadcastElement: () => undefined,
      })
      .sinkTo(byShop(), { uid: "rows" }),
  );

describe("an operator of two inputs", () => {
  test("begins a stage that names its inputs, with the route, the key and what feeds each", () => {
    const stage = stageOf(twoSources(), "pair");
    expect(stage).toMatchObject({ kind: "exchange", upstream: ["orders", "returns"] });
    expect(inputsOf(stage)).toEqual([
      { route: "key", upstream: ["orders"], keyedBy: { node: 1, kind: "keyBy", fields: ["shop"] } },
      {
        route: "key",
        upstream: ["returns"],
        keyedBy: { node: 3, kind: "keyBy", fields: ["shop"] },
      },
    ]);
    expect(stage.operators[0]?.inputs).toEqual([{ from: "input" }, { from: "input", input: 1 }]);
    // A sink by the same key needs no other exchange.
    expect(stage.operators.map(({ name }) => name)).toEqual(["pair", "rows"]);
  });

  test("stands in one place of the plan, also where both inputs come from one source", () => {
    const plan = planOf((env) => {
      const all = orders(env, "orders", { partitionedBy: ({ shop }) => shop });
      all
        .keyBy("shop")
        .connect(all.filter(({ amount }) => amount < 0).keyBy(({ item }) => item))
        .process(pair)
        .sinkTo(append(), { uid: "out" });
    });
    expect(plan.stages.map(({ id, kind }) => [id, kind])).toEqual([
      ["orders", "source"],
      ["pair", "exchange"],
    ]);
    const [source] = stageOf(plan, "orders").operators;
    expect(source?.sends).toEqual([{ stage: "pair" }]);
    expect(stageOf(plan, "orders").operators.at(-1)?.sends).toEqual([{ stage: "pair", input: 1 }]);
  });

  test("is another job with its inputs exchanged, or keyed otherwise", () => {
    const exchanged = planOf((env) =>
      orders(env, "returns")
        .keyBy("shop")
        .connect(orders(env).keyBy("shop"))
        .process(pair)
        .sinkTo(byShop(), { uid: "rows" }),
    );
    expect(exchanged.fingerprint).not.toBe(twoSources().fingerprint);
  });

  test("is explained with both", () => {
    expect(explainText(twoSources())).toContain(
      "stage pair: input 1 keyed by shop, fed by orders; input 2 keyed by shop, fed by returns; behind an exchange",
    );
  });

  test("is fed by its key, and with what is broadcast", () => {
    const plan = judged();
    const stage = stageOf(plan, "judge");
    expect(inputsOf(stage)).toEqual([
      { route: "key", upstream: ["orders"], keyedBy: { node: 1, kind: "keyBy", fields: ["shop"] } },
      { route: "broadcast", upstream: ["rules"] },
    ]);
    expect(stageOf(plan, "rules").operators[0]?.sends).toEqual([{ stage: "judge", input: 1 }]);
    expect(stage.operators[0]?.states).toEqual([
      { name: "rules", kind: "broadcast", version: 1 },
      { name: "timers", kind: "timers", version: 1, timers: [] },
    ]);
    expect(explainText(plan)).toContain(
      "stage judge: input 1 keyed by shop, fed by orders; input 2 broadcast to all slots, fed by rules; behind an exchange",
    );
    expect(explainMermaid(plan)).toContain("judge by shop and broadcast");
    expect(judged("otherRules").fingerprint).not.toBe(plan.fingerprint);
  });

  test("does not keep a key's state and what is broadcast under one name", () => {
    expect(() => judged("timers")).toThrow(
      expect.objectContaining({ code: "state-name-repeated", uid: "judge" }) as Error,
    );
  });

  test("is told which changes come by which input, and refuses what it does not take", () => {
    const rolling = (accepts?: "upsert") =>
      planOf((env) =>
        orders(env)
          .keyBy("shop")
          .connect(
            orders(env, "returns")
              .keyBy("shop")
              .reduce((one) => one, { uid: "newest" })
              .keyBy("shop"),
          )
          .process({ ...pair, ...(accepts && { accepts }) })
          .sinkTo(byShop(), { uid: "rows" }),
      );
    expect(inputsOf(stageOf(rolling("upsert"), "pair")).map(({ mode }) => mode)).toEqual([
      undefined,
      "upsert",
    ]);
    expect(() => rolling()).toThrow(/coProcess "pair".* would count results twice/);
  });
});
