import {
  aggregatingState,
  boundedOutOfOrderness,
  defineJob,
  dynamicSessionWindows,
  type LeftOrRight,
  outputTag,
  reducingState,
  type StreamEnvironment,
  tumblingWindows,
  unchecked,
  valueState,
} from "../../runtime/index.ts";
import { kinesisSource } from "../../runtime/connectors/index.ts";
import { exactly } from "./exactly.ts";

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
    watermarks: boundedOutOfOrderness<T>({ timestamp: ({ atMs }) => atMs, bound: { seconds: 1 } }),
  });
const lateOrders = outputTag<Order>("late-orders");
const latePayments = outputTag<Payment>("late-payments");

export const intervalJoins = defineJob("interval-joins", (env) => {
  const orders = read<Order>(env, "orders").keyBy("orderId");
  const payments = read<Payment>(env, "payments").keyBy("order");
  const between = [{ minutes: -5 }, { minutes: 5 }] as const;
  orders
    .intervalJoin(payments, { uid: "inner", between })
    .apply((order, payment, { key, leftTimestampMs }) => {
      exactly<Order>()(order);
      exactly<Payment>()(payment);
      exactly<string>()(key);
      exactly<number | undefined>()(leftTimestampMs);
      return { key, rest: order.amount - payment.paid };
    })
    .map((row) => exactly<{ key: string; rest: number }>()(row));
  orders.intervalJoin(payments, { uid: "left", between, type: "left" }).apply((order, payment) => {
    exactly<Order>()(order);
    exactly<Payment | undefined>()(payment);
    return 1;
  });
  orders.intervalJoin(payments, { uid: "full", between, type: "full" }).apply((order, payment) => {
    exactly<Order | undefined>()(order);
    exactly<Payment | undefined>()(payment);
    return 1;
  });
  orders
    .intervalJoin(payments, { uid: "late", between, leftLateOutput: lateOrders })
    .apply(() => 1)
    .sideOutput(lateOrders)
    .map((order) => exactly<Order>()(order));
  // @ts-expect-error an order is no payment
  orders.intervalJoin(payments, { uid: "wrong-tag", between, rightLateOutput: lateOrders });
  // @ts-expect-error nor is a payment an order
  orders.intervalJoin(payments, { uid: "wrong-tag", between, leftLateOutput: latePayments });
  // @ts-expect-error keys of other types never meet
  orders.intervalJoin(read<Payment>(env, "others").keyBy("paid"), { uid: "keys", between });
  // @ts-expect-error both streams have to be keyed
  orders.intervalJoin(read<Payment>(env, "unkeyed"), { uid: "unkeyed", between });
  // @ts-expect-error a join without an end would keep everything
  orders.intervalJoin(payments, { uid: "endless" });
  // @ts-expect-error a join has a uid
  orders.intervalJoin(payments, { between });
  // @ts-expect-error nothing waits for a promise
  orders.intervalJoin(payments, { uid: "waiting", between }).apply(async () => 1);
  orders
    .intervalJoin(payments, { uid: "outer", between, type: "left" })
    // @ts-expect-error there may be no payment
    .apply((order, payment) => order.amount - payment.paid);
  // @ts-expect-error no such type of join
  orders.intervalJoin(payments, { uid: "outer", between, type: "outer" });
});

export const windowJoins = defineJob("window-joins", (env) => {
  const orders = read<Order>(env, "orders").keyBy("orderId");
  const payments = read<Payment>(env, "payments").keyBy("order");
  const window = tumblingWindows({ size: { hours: 1 } });
  orders
    .windowJoin(payments, { uid: "left", window, type: "left" })
    .apply((order, payment, { key, window: { endMs } }) => {
      exactly<Order>()(order);
      exactly<Payment | undefined>()(payment);
      exactly<string>()(key);
      return endMs;
    })
    .map((row) => exactly<number>()(row));
  orders
    .coGroup(payments, {
      uid: "both",
      window: dynamicSessionWindows({
        gap: (one: LeftOrRight<Order, Payment>) => ({
          milliseconds: "left" in one ? one.left.amount : one.right.paid,
        }),
      }),
      globalState: { seen: valueState<number>() },
      leftLateOutput: lateOrders,
    })
    .apply((ordered, paid, { globalState }) => {
      exactly<readonly Order[]>()(ordered);
      exactly<readonly Payment[]>()(paid);
      exactly<number | undefined>()(globalState.seen.get());
      return [ordered.length - paid.length];
    })
    .map((row) => exactly<number>()(row));
  // @ts-expect-error windows have to be said
  orders.coGroup(payments, { uid: "endless" });
  // @ts-expect-error an order is no payment
  orders.windowJoin(payments, { uid: "wrong-tag", window, rightLateOutput: lateOrders });
  // @ts-expect-error keys of other types never meet
  orders.windowJoin(read<Payment>(env, "others").keyBy("paid"), { uid: "keys", window });
  // @ts-expect-error nothing waits for a promise
  orders.windowJoin(payments, { uid: "waiting", window }).apply(async () => 1);
  // @ts-expect-error a coGroup gives a list
  orders.coGroup(payments, { uid: "one", window }).apply(() => 1);
});

export const temporalJoins = defineJob("temporal-joins", (env) => {
  const orders = read<Order>(env, "orders").keyBy("orderId");
  const payments = read<Payment>(env, "payments").keyBy("order");
  orders
    .temporalJoin(payments, { uid: "held", deletes: ({ paid }) => paid === 0 })
    .apply((order, payment, { key, versionMs }) => {
      exactly<Order>()(order);
      exactly<Payment>()(payment);
      exactly<string>()(key);
      exactly<number | undefined>()(versionMs);
      return order.amount;
    })
    .map((row) => exactly<number>()(row));
  orders.temporalJoin(payments, { uid: "left", type: "left" }).apply((_, payment) => {
    exactly<Payment | undefined>()(payment);
    return 1;
  });
  // @ts-expect-error a version alone gives no result
  orders.temporalJoin(payments, { uid: "right", type: "right" });
  // @ts-expect-error an order is no payment
  orders.temporalJoin(payments, { uid: "wrong-tag", rightLateOutput: lateOrders });
  // @ts-expect-error nothing waits for a promise
  orders.temporalJoin(payments, { uid: "waiting" }).apply(async () => 1);
});

export const multiJoins = defineJob("multi-joins", (env) => {
  const orders = read<Order>(env, "orders").keyBy("orderId");
  const payments = read<Payment>(env, "payments").keyBy("order");
  orders
    .multiJoin(
      { paid: { stream: payments, type: "left", keeps: "all" }, again: { stream: orders } },
      { uid: "joined" },
    )
    .apply((order, { paid, again }, { key }) => {
      exactly<Order>()(order);
      exactly<Payment | undefined>()(paid);
      exactly<Order>()(again);
      exactly<string>()(key);
      return order.amount;
    })
    .map((row) => exactly<number>()(row));
  // @ts-expect-error keys of other types never meet
  orders.multiJoin({ others: { stream: read<Payment>(env, "o").keyBy("paid") } }, { uid: "keys" });
  // @ts-expect-error no result begins without a row of this stream
  orders.multiJoin({ paid: { stream: payments, type: "right" } }, { uid: "right" });
  // @ts-expect-error a join has a uid
  orders.multiJoin({ paid: { stream: payments } }, {});
  // @ts-expect-error nothing waits for a promise
  orders.multiJoin({ paid: { stream: payments } }, { uid: "waiting" }).apply(async () => 1);
});

export const rolling = defineJob("rolling", (env) => {
  interface Reading {
    readonly sensor: string;
    readonly celsius: number;
    readonly ticks: bigint;
    readonly at: Date;
    readonly note?: string;
    readonly atMs: number;
  }
  const readings = read<Reading>(env, "readings").keyBy("sensor");
  readings.sum("celsius", { uid: "a" }).map((row) => exactly<Reading>()(row));
  readings.sum("ticks", { uid: "b", retracts: true });
  readings.min("sensor", { uid: "c" });
  readings.maxBy("at", { uid: "d", takes: "last" });
  // @ts-expect-error a text is not summed
  readings.sum("sensor", { uid: "e" });
  // @ts-expect-error it may be missing
  readings.maxBy("note", { uid: "f" });
  // @ts-expect-error no such field
  readings.min("fahrenheit", { uid: "g" });
  // @ts-expect-error a rolling aggregate has a uid
  readings.sum("celsius");
  // @ts-expect-error the element, and not the value, is one of several
  readings.min("celsius", { uid: "h", takes: "last" });
  // @ts-expect-error only what is keyed is summed
  read<Reading>(env, "unkeyed").sum("celsius", { uid: "i" });
});

export const calls = defineJob("calls", (env) => {
  const orders = read<Order>(env, "orders");
  orders
    .mapAsync(
      async (order, { signal, attempt }) => {
        exactly<Order>()(order);
        exactly<AbortSignal>()(signal);
        return { ...order, attempt };
      },
      { uid: "asked", timeout: { seconds: 1 }, onTimeout: (order) => ({ ...order, attempt: 0 }) },
    )
    .map((row) => exactly<number>()(row.attempt));
  // @ts-expect-error what answers at once is a map
  orders.mapAsync((order) => order.amount, { uid: "now" });
  // @ts-expect-error a mapAsync has a uid
  orders.mapAsync(async (order) => order.amount, {});
  // @ts-expect-error what stands for an answer is one
  orders.mapAsync(async (order) => order.amount, { uid: "late", onTimeout: () => "none" });
  // @ts-expect-error a delay is a duration
  orders.mapAsync(async (order) => order, { uid: "retried", retry: { attempts: 1, delay: 100 } });
});

export const folding = defineJob("folding", (env) => {
  read<Order>(env, "orders")
    .keyBy("orderId")
    .process({
      uid: "folded",
      state: {
        largest: reducingState<number>((one, other) => Math.max(one, other)),
        mean: aggregatingState({
          create: () => ({ sum: 0, count: 0 }),
          add: ({ sum, count }, amount: number) => ({ sum: sum + amount, count: count + 1 }),
          result: ({ sum, count }) => `${sum / count}`,
        }),
      },
      onElement(order, { state }) {
        state.largest.add(order.amount);
        state.mean.add(order.amount);
        exactly<number | undefined>()(state.largest.get());
        exactly<string | undefined>()(state.mean.get());
        // @ts-expect-error not what it adds
        state.mean.add(order.orderId);
        // @ts-expect-error nothing is set that is added to
        state.largest.set(1);
      },
    });
  // @ts-expect-error nothing waits for a promise
  reducingState<number>(async (one) => one);
});
