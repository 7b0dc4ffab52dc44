import {
  boundedOutOfOrderness,
  type DataStream,
  defineJob,
  elementType,
  type JobDefinition,
  mapState,
  outputTag,
  sessionWindows,
  type StreamEnvironment,
  tumblingWindows,
  valueState,
} from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { type MinuteRow, type OrderTotals, plus } from "./minute-row.ts";
import {
  changeOfOrder,
  type CountedOrder,
  hourMs,
  minuteMs,
  type OrderChange,
  type Sales,
} from "./order-change.ts";
import { OrderEvent } from "./order-event.ts";
import { type HourRanking, plusSales, type ProductSales, rankProducts } from "./top-products.ts";

export interface OrdersDashboardOptions {
  /** Makes what is written of a minute's totals: what a new version of the job changes. Default: as they are. */
  readonly minuteRow?: (row: MinuteRow) => MinuteRow;
}

/** The shops take changes of an order, and send things again, for half an hour; this is far behind it. */
const orderKeptMs = hourMs;

/** The job of this example. Every version of it has the same operators, and goes on from the state of any other. */
export function ordersDashboard({
  minuteRow = (row) => row,
}: OrdersDashboardOptions = {}): JobDefinition {
  return defineJob("orders-dashboard", (env) => {
    const { changes, firstSeen } = countedOnce(env);
    revenueByMinute(changes, minuteRow);
    countryTotals(changes);
    topProducts(changes);
    activityByMinute(firstSeen);
    customerSessions(firstSeen);
  });
}

/** Each revision of an order once, and what it changes in the sums: duplicates end here. */
function countedOnce(env: StreamEnvironment) {
  const seenFirst = outputTag<OrderEvent>("first-seen");
  const changes = env
    .source(kinesisSource({ stream: "orders", schema: OrderEvent }), {
      uid: "orders",
      watermarks: boundedOutOfOrderness({
        timestamp: ({ timeMs }) => timeMs,
        bound: { minutes: 1 },
      }),
    })
    .keyBy((event) => event.id)
    .process({
      uid: "order-revisions",
      emits: elementType<OrderChange>(),
      state: { seen: mapState<number, true>(), counted: valueState<CountedOrder>() },
      onElement: (event, ctx) => {
        const { seen, counted } = ctx.state;
        if (seen.has(event.revision)) return;
        seen.set(event.revision, true);
        ctx.timers.event("forget").set(event.placedMs + orderKeptMs);
        ctx.output(seenFirst, event);
        const before = counted.get();
        // An edit may be read before what it edits: the highest revision counts, whatever comes after it.
        if (before !== undefined && before.revision > event.revision) return;
        counted.set({ revision: event.revision, kind: event.kind, lines: event.lines });
        ctx.emit(changeOfOrder(before, event));
      },
      onTimer: {
        forget: ({ state }) => {
          state.seen.clear();
          state.counted.clear();
        },
      },
    });
  return { changes, firstSeen: changes.sideOutput(seenFirst) };
}

/**
 * Orders, cancellations and revenue by country and minute of the placement. No window: an order that changes half an hour later
 * changes the minute in which it was placed, and an element's window is that of its own time.
 */
function revenueByMinute(
  changes: DataStream<OrderChange>,
  toRow: (row: MinuteRow) => MinuteRow,
): void {
  changes
    .keyBy((change) => [change.country, change.minuteMs])
    .process({
      uid: "minute-totals",
      emits: elementType<MinuteRow>(),
      state: { totals: valueState<OrderTotals>() },
      onElement: (change, ctx) => {
        const totals = plus(ctx.state.totals.get(), change);
        ctx.state.totals.set(totals);
        ctx.timers.event("forget").set(change.minuteMs + minuteMs + 2 * orderKeptMs);
        ctx.emit({ country: change.country, minuteMs: change.minuteMs, ...totals });
      },
      onTimer: { forget: ({ state }) => state.totals.clear() },
    })
    .map(toRow)
    .sinkTo(
      dynamodbSink({ table: "revenue-by-minute", key: { country: "string", minuteMs: "number" } }),
      {
        uid: "revenue-by-minute",
      },
    );
}

/** The same sums by country alone, over all time. */
function countryTotals(changes: DataStream<OrderChange>): void {
  changes
    .map(({ country, ...change }) => ({ country, ...plus(undefined, change) }))
    .keyBy((totals) => totals.country)
    .reduce((sum, change) => ({ country: sum.country, ...plus(sum, change) }), {
      uid: "country-sums",
    })
    .sinkTo(dynamodbSink({ table: "country-totals", key: { country: "string" } }), {
      uid: "country-totals",
    });
}

/**
 * Each hour's ten products with the most revenue. What products sell is gathered for a minute before it goes to the hour's one key; what
 * goes there are differences again, so that nothing depends on when that is.
 */
function topProducts(changes: DataStream<OrderChange>): void {
  changes
    .flatMap(({ hourMs, products }) => products.map((sales) => ({ hourMs, ...sales })))
    .keyBy((sales) => [sales.hourMs, sales.product])
    .process({
      uid: "product-hours",
      emits: elementType<ProductSales>(),
      state: { gathered: valueState<Sales>() },
      onElement: (sales, ctx) => {
        const gathered = ctx.state.gathered.get();
        ctx.state.gathered.set(plusSales(gathered, sales));
        if (gathered === undefined) ctx.timers.event("passOn").set(nextMinute(ctx.timestampMs));
      },
      onTimer: {
        passOn: (ctx) => {
          const [hour, product] = ctx.key;
          const gathered = plusSales(ctx.state.gathered.get(), { sold: 0, revenueCents: 0 });
          ctx.state.gathered.clear();
          ctx.emit({ hourMs: hour, product, ...gathered });
        },
      },
    })
    .keyBy((sales) => sales.hourMs)
    .process({
      uid: "hour-rankings",
      emits: elementType<HourRanking>(),
      state: { salesByProduct: mapState<string, Sales>() },
      onElement: (sales, ctx) => {
        const { salesByProduct } = ctx.state;
        salesByProduct.set(sales.product, plusSales(salesByProduct.get(sales.product), sales));
        ctx.timers.event("forget").set(ctx.key + hourMs + 2 * orderKeptMs);
        ctx.emit(rankProducts(ctx.key, salesByProduct.entries()));
      },
      onTimer: { forget: ({ state }) => state.salesByProduct.clear() },
    })
    .sinkTo(dynamodbSink({ table: "top-products", key: { hourMs: "number" } }), {
      uid: "top-products",
    });
}

/** How much customers do, by country and minute in which they do it: a window, for each revision counts at its own time. */
function activityByMinute(firstSeen: DataStream<OrderEvent>): void {
  firstSeen
    .keyBy((event) => event.country)
    .window(tumblingWindows({ size: { minutes: 1 } }), {
      uid: "activity",
      allowedLateness: { hours: 1 },
    })
    .aggregate(
      {
        create: () => ({ placed: 0, edited: 0, cancelled: 0 }),
        add: (counts, { kind }) => ({ ...counts, [kind]: counts[kind] + 1 }),
        result: (counts) => counts,
      },
      (counts, { key, window }) => ({ country: key, startMs: window.startMs, ...counts }),
    )
    .sinkTo(
      dynamodbSink({ table: "activity-by-minute", key: { country: "string", startMs: "number" } }),
      {
        uid: "activity-by-minute",
      },
    );
}

/** Orders that a customer placed with less than half an hour between them, as they were placed. */
function customerSessions(firstSeen: DataStream<OrderEvent>): void {
  firstSeen
    .filter(({ kind }) => kind === "placed")
    .keyBy((event) => event.customer)
    .window(sessionWindows({ gap: { minutes: 30 } }), {
      uid: "sessions",
      allowedLateness: { hours: 1 },
    })
    .aggregate(
      {
        create: () => ({ orders: 0, revenueCents: 0 }),
        add: ({ orders, revenueCents }, { lines }) => ({
          orders: orders + 1,
          revenueCents: lines.reduce(
            (sum, { quantity, unitCents }) => sum + quantity * unitCents,
            revenueCents,
          ),
        }),
        merge: (left, right) => ({
          orders: left.orders + right.orders,
          revenueCents: left.revenueCents + right.revenueCents,
        }),
        result: (session) => session,
      },
      (session, { key, window: { startMs, endMs } }) => ({
        customer: key,
        startMs,
        endMs,
        ...session,
      }),
    )
    .sinkTo(
      dynamodbSink({ table: "customer-sessions", key: { customer: "string", startMs: "number" } }),
      {
        uid: "customer-sessions",
      },
    );
}

function nextMinute(timeMs: number): number {
  return (Math.floor(timeMs / minuteMs) + 1) * minuteMs;
}
