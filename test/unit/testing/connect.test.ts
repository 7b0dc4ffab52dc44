import { expect, test } from "vitest";
import {
  boundedOutOfOrderness,
  defineJob,
  elementType,
  type StreamEnvironment,
  unchecked,
  valueState,
} from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { runJob } from "millrace/testing";

interface Order {
  readonly orderId: string;
  readonly amount: number;
  readonly atMs: number;
}
interface Payment {
  readonly order: string;
  readonly paid: number;
  readonly atMs: number;
}

const read = <T extends { readonly atMs: number }>(env: StreamEnvironment, stream: string) =>
  env.source(kinesisSource({ stream, schema: unchecked<T>() }), {
    uid: stream,
    watermarks: boundedOutOfOrderness<T>({
      timestamp: ({ atMs }) => atMs,
      bound: { seconds: 1 },
    }),
  });

/** Orders meet their payments; what is not paid within ten seconds is overdue. */
const settle = defineJob("settle", (env) => {
  read<Order>(env, "orders")
    .keyBy(({ orderId }) => orderId)
    .connect(read<Payment>(env, "payments").keyBy(({ order }) => order))
    .process({
      uid: "settle",
      state: { amount: valueState<number>(), paid: valueState<number>() },
      emits: elementType<{ readonly orderId: string; readonly status: string }>(),
      onElement1({ amount, atMs }, ctx) {
        const paid = ctx.state.paid.get();
        if (paid !== undefined)
          return ctx.emit({ orderId: ctx.key, status: paid === amount ? "paid" : "differs" });
        ctx.state.amount.set(amount);
        ctx.timers.event("due").set(atMs + 10_000);
      },
      onElement2({ paid }, ctx) {
        const amount = ctx.state.amount.get();
        if (amount === undefined) return ctx.state.paid.set(paid);
        ctx.timers.event("due").clear();
        ctx.emit({ orderId: ctx.key, status: paid === amount ? "paid" : "differs" });
      },
      onTimer: {
        due: (ctx) => ctx.emit({ orderId: ctx.key, status: "overdue" }),
      },
    })
    .sinkTo(dynamodbSink({ table: "settled", key: { orderId: "string" } }), { uid: "rows" });
});

test("elements of two streams meet under their keys, whichever comes first", async () => {
  const inputs = {
    orders: [
      { orderId: "a", amount: 5, atMs: 1_000 },
      { orderId: "b", amount: 6, atMs: 2_000 },
      { orderId: "c", amount: 7, atMs: 3_000 },
      { orderId: "late", amount: 8, atMs: 3_000 },
    ],
    payments: [
      { order: "b", paid: 6, atMs: 1_500 },
      { order: "a", paid: 4, atMs: 4_000 },
      { order: "c", paid: 7, atMs: 12_999 },
    ],
  };
  const { tables, deadLetters } = await runJob(settle, { inputs });
  expect(deadLetters).toEqual([]);
  const rows = tables["settled"]?.toSorted((one, other) =>
    String(one["orderId"]) < String(other["orderId"]) ? -1 : 1,
  );
  expect(rows).toEqual([
    { orderId: "a", status: "differs" },
    { orderId: "b", status: "paid" },
    { orderId: "c", status: "paid" },
    { orderId: "late", status: "overdue" },
  ]);
});

test("what fails in one of the two functions becomes a dead letter that names the operator", async () => {
  const failing = defineJob("failing", (env) => {
    const orders = read<Order>(env, "orders").keyBy(({ orderId }) => orderId);
    orders
      .connect(orders)
      .process({
        uid: "twice",
        emits: elementType<{ readonly id: string }>(),
        onElement1: ({ orderId }, ctx) => ctx.emit({ id: `${orderId}-1` }),
        onElement2({ orderId }, ctx) {
          if (orderId === "b") throw new Error("not this one");
          ctx.emit({ id: `${orderId}-2` });
        },
      })
      .sinkTo(dynamodbSink({ table: "ids", key: { id: "string" } }), { uid: "ids" });
  });
  const orders = [
    { orderId: "a", amount: 5, atMs: 1_000 },
    { orderId: "b", amount: 6, atMs: 2_000 },
  ];
  const { tables, deadLetters } = await runJob(failing, { inputs: { orders } });
  const ids = tables["ids"]?.map(({ id }) => id).toSorted();
  expect(ids).toEqual(["a-1", "a-2", "b-1"]);
  expect(deadLetters).toMatchObject([{ operator: "twice" }]);
});
