import type { OrderEvent } from "./order-event.ts";
import { orderEvents, type OrderRecord } from "./order-events.ts";

/** A row of a table, whole. */
export type Row = Readonly<Record<string, unknown>>;

export type Table =
  | "revenue-by-minute"
  | "country-totals"
  | "top-products"
  | "activity-by-minute"
  | "customer-sessions";

/** What the job must come to, by plain loops over the same records: no code of the engine or of the job. */
export interface PlainResults {
  /** The rows of each table, as the job with averages writes them, by the fields of their key joined with `|`. */
  readonly tables: Readonly<Record<Table, ReadonlyMap<string, Row>>>;
  /** Records that are no JSON, or that the schema refuses. */
  readonly refused: number;
}

const minute = 60_000;
const hour = 60 * minute;
const sessionGap = 30 * minute;

/** What the records of a seed before position `count` come to. */
export function plainResults({ seed, count }: { seed: number; count: number }): PlainResults {
  return plainResultsOf(orderEvents({ seed, from: 0, to: count }));
}

/** What records come to that are at hand, in any order. */
export function plainResultsOf(records: Iterable<Pick<OrderRecord, "data">>): PlainResults {
  const events = new Map<string, OrderEvent>();
  const orders = new Map<string, OrderEvent>();
  let refused = 0;
  for (const { data } of records) {
    const event = parse(data);
    if (event === undefined) {
      refused += 1;
      continue;
    }
    events.set(`${event.id}|${event.revision}`, event);
    if (event.revision >= (orders.get(event.id)?.revision ?? 0)) orders.set(event.id, event);
  }
  const last = [...orders.values()];
  const tables = {
    "revenue-by-minute": revenueByMinute(last),
    "country-totals": countryTotals(last),
    "top-products": topProducts(last),
    "activity-by-minute": activityByMinute(events.values()),
    "customer-sessions": customerSessions(events.values()),
  };
  return { tables, refused };
}

function parse(data: Uint8Array): OrderEvent | undefined {
  try {
    const event = JSON.parse(new TextDecoder().decode(data)) as OrderEvent;
    return event.lines.every(({ quantity }) => quantity >= 1) ? event : undefined;
  } catch {
    return undefined;
  }
}

interface Counts extends Record<string, unknown> {
  orders: number;
  cancelled: number;
  revenueCents: number;
}

function revenueByMinute(orders: Iterable<OrderEvent>): Map<string, Row> {
  const rows = new Map<string, Counts>();
  for (const order of orders) {
    const minuteMs = order.placedMs - (order.placedMs % minute);
    const key = `${order.country}|${minuteMs}`;
    const row = rows.get(key) ?? { country: order.country, minuteMs, ...nothing };
    count(row, order);
    rows.set(key, row);
  }
  for (const row of rows.values()) {
    const mean = row.revenueCents / Math.max(1, row.orders - row.cancelled);
    row["averageOrderCents"] = Math.round(mean);
  }
  return rows;
}

const nothing = { orders: 0, cancelled: 0, revenueCents: 0 };

function count(row: Counts, order: OrderEvent): void {
  row.orders += 1;
  if (order.kind === "cancelled") row.cancelled += 1;
  else row.revenueCents += worth(order);
}

function worth({ lines }: OrderEvent): number {
  let cents = 0;
  for (const { quantity, unitCents } of lines) cents += quantity * unitCents;
  return cents;
}

function countryTotals(orders: Iterable<OrderEvent>): Map<string, Row> {
  const rows = new Map<string, Counts>();
  for (const order of orders) {
    const row = rows.get(order.country) ?? { country: order.country, ...nothing };
    count(row, order);
    rows.set(order.country, row);
  }
  return rows;
}

function topProducts(orders: Iterable<OrderEvent>): Map<string, Row> {
  const hours = new Map<number, Map<string, { sold: number; revenueCents: number }>>();
  for (const { placedMs, kind, lines } of orders) {
    const hourMs = placedMs - (placedMs % hour);
    let sums = hours.get(hourMs);
    if (sums === undefined) hours.set(hourMs, (sums = new Map()));
    if (kind === "cancelled") continue;
    for (const { product, quantity, unitCents } of lines) {
      const sum = sums.get(product) ?? { sold: 0, revenueCents: 0 };
      sum.sold += quantity;
      sum.revenueCents += quantity * unitCents;
      sums.set(product, sum);
    }
  }
  const rows = new Map<string, Row>();
  for (const [hourMs, sums] of hours) {
    const products = Array.from(sums, ([product, sum]) => ({ product, ...sum }));
    products.sort(
      (one, other) =>
        other.revenueCents - one.revenueCents || (one.product < other.product ? -1 : 1),
    );
    const top = products.filter(({ revenueCents }) => revenueCents > 0).slice(0, 10);
    rows.set(String(hourMs), {
      hourMs,
      hour: new Date(hourMs).toISOString().slice(0, 16) + "Z",
      top,
    });
  }
  return rows;
}

function activityByMinute(events: Iterable<OrderEvent>): Map<string, Row> {
  type Activity = Record<OrderEvent["kind"], number> & { country: string; startMs: number };
  const rows = new Map<string, Activity>();
  for (const { country, timeMs, kind } of events) {
    const startMs = timeMs - (timeMs % minute);
    const key = `${country}|${startMs}`;
    const row = rows.get(key) ?? { country, startMs, placed: 0, edited: 0, cancelled: 0 };
    row[kind] += 1;
    rows.set(key, row);
  }
  return rows;
}

/** Orders that follow each other within the gap, or exactly at its end, are one session. */
function customerSessions(events: Iterable<OrderEvent>): Map<string, Row> {
  const placed = [...events].filter(({ kind }) => kind === "placed");
  placed.sort((one, other) => one.timeMs - other.timeMs);
  interface Session extends Record<string, unknown> {
    readonly customer: string;
    readonly startMs: number;
    endMs: number;
    orders: number;
    revenueCents: number;
  }
  const rows = new Map<string, Session>();
  const newest = new Map<string, Session>();
  for (const order of placed) {
    const { customer, timeMs } = order;
    let session = newest.get(customer);
    if (session === undefined || timeMs > session.endMs) {
      session = { customer, startMs: timeMs, endMs: timeMs, orders: 0, revenueCents: 0 };
      newest.set(customer, session);
      rows.set(`${customer}|${timeMs}`, session);
    }
    session.endMs = timeMs + sessionGap;
    session.orders += 1;
    session.revenueCents += worth(order);
  }
  return rows;
}
