import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  elementType,
  monotonousTimestamps,
  noRestart,
  outputTag,
  unchecked,
  valueState,
} from "../../../runtime/index.ts";
import { runJob } from "../../../testing/run-job.ts";
import { byShop, type Order, orders, planOf } from "../plan/fixture/jobs.ts";

interface Step {
  readonly order: string;
  readonly status: "open" | "closed";
  readonly customer: string;
}

/** Rows of orders that are open, keyed by the order, of a function that is keyed by the customer. */
const openOrders = (gives?: "upsert") =>
  defineJob(
    "open-orders",
    (env) => {
      env
        .source(kinesisSource({ stream: "steps", schema: unchecked<Step>() }), {
          uid: "steps",
          watermarks: monotonousTimestamps(),
        })
        .keyBy("customer")
        .process({
          uid: "open",
          ...(gives && { gives }),
          state: { count: valueState<number>() },
          emits: elementType<{ readonly order: string; readonly count: number }>(),
          onElement({ order, status }, ctx) {
            const count = (ctx.state.count.get() ?? 0) + 1;
            ctx.state.count.set(count);
            if (status === "open") ctx.emit({ order, count });
            else ctx.delete({ order, count: 0 });
          },
        })
        .sinkTo(dynamodbSink({ table: "open", key: { order: "string" } }), { uid: "rows" });
    },
    { restart: noRestart() },
  );

const step = (order: string, status: Step["status"]): Step => ({ order, status, customer: "c" });
const inputs = {
  steps: [
    step("o1", "open"),
    step("o2", "open"),
    step("o1", "closed"),
    step("o3", "closed"),
    step("o2", "open"),
  ],
};
const partitionKey = (value: unknown) => (value as Step).customer;

const process = { uid: "shops", onElement: () => undefined, emits: elementType<Order>() } as const;
const changing = { ...process, gives: "upsert" } as const;

describe("a process function that gives changes", () => {
  test("removes the row of a key behind an exchange of its own, whatever else the value holds", async () => {
    const { tables, deadLetters } = await runJob(openOrders("upsert"), { inputs, partitionKey });
    expect(deadLetters).toEqual([]);
    expect(tables["open"]).toEqual([{ order: "o2", count: 5 }]);
  });

  test("has to say so", async () => {
    const { deadLetters } = await runJob(openOrders(), { inputs, partitionKey });
    expect(deadLetters.map(({ reason }) => reason)).toEqual(
      [1, 2].map(
        () => expect.stringMatching(/"open" withdraws a result.*gives: "upsert"/) as string,
      ),
    );
  });

  test("is refused in front of what has to know the value before, and feeds what has not", () => {
    expect(() =>
      planOf((env) =>
        orders(env)
          .keyBy("shop")
          .process(changing)
          .keyBy("shop")
          .sum("amount", { uid: "sums", retracts: true })
          .sinkTo(byShop(), { uid: "rows" }),
      ),
    ).toThrow(/"sums".*the process "shops".* without telling what they were/);
    const plan = planOf((env) =>
      orders(env)
        .keyBy("shop")
        .process(changing)
        .map((order) => order)
        .filter(({ amount }) => amount > 1)
        .keyBy("item")
        .process({
          uid: "items",
          accepts: "upsert",
          onElement: () => undefined,
          emits: elementType<Order>(),
        })
        .sinkTo(byShop(), { uid: "rows" }),
    );
    const modes = plan.stages.flatMap(({ operators }) =>
      operators.map(({ name, takes = "append", gives = "append" }) => `${name} ${takes} ${gives}`),
    );
    expect(modes).toEqual([
      "orders append append",
      "shops append upsert",
      "map upsert upsert",
      "filter upsert upsert",
      "items upsert append",
      "rows append append",
    ]);
  });
});

describe("side outputs of a process function that names them", () => {
  const odd = outputTag<Order>("odd");
  const even = outputTag<Order>("even");

  test("are all that may be read", () => {
    const reading = (tag: typeof odd) =>
      planOf((env) =>
        orders(env)
          .keyBy("shop")
          .process({ ...process, outputs: [odd] })
          .sideOutput(tag)
          .sinkTo(byShop(), { uid: "rows" }),
      );
    reading(odd);
    expect(() => reading(even)).toThrow(
      expect.objectContaining({
        code: "side-output-unknown",
        next: "Name the tag in the outputs of its definition.",
      }) as Error,
    );
  });

  test("are all that may be emitted to", async () => {
    const job = defineJob(
      "parities",
      (env) => {
        env
          .source(kinesisSource({ stream: "orders", schema: unchecked<Order>() }), {
            uid: "orders",
            watermarks: monotonousTimestamps(),
          })
          .keyBy("shop")
          .process({
            uid: "split",
            outputs: [odd],
            onElement: (order, ctx) => ctx.output(order.amount % 2 === 1 ? odd : even, order),
          })
          .sideOutput(odd)
          .sinkTo(byShop(), { uid: "rows" });
      },
      { restart: noRestart() },
    );
    const { tables, deadLetters } = await runJob(job, {
      inputs: {
        orders: [
          { shop: "a", amount: 1 },
          { shop: "b", amount: 2 },
        ],
      },
    });
    expect(tables["t-shops"]).toEqual([{ shop: "a", amount: 1 }]);
    expect(deadLetters[0]?.reason).toMatch(/"split" does not name "even" in its outputs/);
  });
});
