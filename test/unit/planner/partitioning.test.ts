import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  type DataStream,
  defineJob,
  monotonousTimestamps,
  unchecked,
} from "../../../runtime/index.ts";
import { explainText } from "../../../runtime/plan/explain.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { checkJob, runJob } from "../../../testing/index.ts";

interface Order {
  readonly id: number;
  readonly shop: string;
  readonly notes?: Readonly<Record<string, unknown>>;
}

function jobOf(spread: (orders: DataStream<Order>) => DataStream<Order>) {
  return defineJob("orders", (env) => {
    const orders = env.source(kinesisSource({ stream: "orders", schema: unchecked<Order>() }), {
      uid: "orders",
      watermarks: monotonousTimestamps(),
    });
    spread(orders)
      .map(({ id }) => ({ id }))
      .sinkTo(kinesisSink({ stream: "out", partitionKey: ({ id }) => String(id) }), { uid: "out" });
  });
}

const ways = {
  rebalance: (orders: DataStream<Order>) => orders.rebalance(),
  global: (orders: DataStream<Order>) => orders.global(),
  partitionCustom: (orders: DataStream<Order>) => orders.partitionCustom(({ shop }) => shop.length),
};

const orders = Array.from({ length: 60 }, (_, id) => ({
  id,
  shop: `shop${id % 12}`,
  notes: { at: [id, 0.5, null, "é"], deep: { flag: id % 2 === 0 } },
}));

describe.each(Object.entries(ways))("%s", (name, spread) => {
  test("has an exchange of its own, and loses and repeats nothing", async () => {
    const run = name === "rebalance" ? checkJob : runJob;
    const { streams, deadLetters } = await run(jobOf(spread), { inputs: { orders } });
    expect(deadLetters).toEqual([]);
    expect(
      streams["out"]!.map((value) => (value as Order).id).toSorted((one, other) => one - other),
    ).toEqual(orders.map(({ id }) => id));
  });

  test("is told by explain", () => {
    const text = {
      rebalance: "spread evenly over all slots",
      global: "one key: all of it in one slot",
      partitionCustom: "spread by a partitioner",
    }[name];
    expect(explainText(buildPlan(jobOf(spread).graph))).toContain(
      `: ${text}, fed by orders, behind an exchange`,
    );
  });

  test("in front of a keyBy is no exchange of its own", () => {
    const plan = buildPlan(jobOf((all) => spread(all).keyBy("shop")).graph);
    expect(plan.stages.map(({ kind }) => kind)).toEqual(["source", "exchange"]);
  });
});

test("a partitioner that throws makes its element a dead letter", async () => {
  const job = jobOf((all) =>
    all.partitionCustom(({ id, shop }) => {
      if (id === 3) throw new Error("no shop");
      return shop;
    }),
  );
  const { deadLetters } = await runJob(job, { inputs: { orders: orders.slice(0, 5) } });
  expect(deadLetters).toEqual([expect.objectContaining({ reason: "no shop" })]);
});

test("results that are replaced are not spread: two of one row would overtake each other", () => {
  const job = defineJob("latest", (env) => {
    env
      .source(kinesisSource({ stream: "orders", schema: unchecked<Order>() }), {
        uid: "orders",
        watermarks: monotonousTimestamps(),
      })
      .keyBy("shop")
      .reduce((_, order) => order, { uid: "latest" })
      .rebalance()
      .sinkTo(dynamodbSink({ table: "latest", key: ["shop"] }), { uid: "rows" });
  });
  expect(() => buildPlan(job.graph)).toThrow(
    expect.objectContaining({ code: "changes-not-taken" }),
  );
});
