import type { OrderEvent } from "./order-event.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

/** What of an order is counted, and has to be taken back when it changes. */
export type CountedOrder = Pick<OrderEvent, "revision" | "kind" | "lines">;

export interface Sales {
  readonly sold: number;
  readonly revenueCents: number;
}

/**
 * What a revision adds to what the order counted before; changes of an order add up to its last revision, in whatever order the
 * revisions came. It belongs to the time of the placement, never to that of the change.
 */
export interface OrderChange {
  readonly country: string;
  readonly minuteMs: number;
  readonly hourMs: number;
  readonly orders: number;
  readonly cancelled: number;
  readonly revenueCents: number;
  readonly products: readonly (Sales & { readonly product: string })[];
}

/** What is to be added where `before`, or nothing, was counted and `event` is to be counted. */
export function changeOfOrder(before: CountedOrder | undefined, event: OrderEvent): OrderChange {
  const sales = new Map<string, Sales>();
  if (before !== undefined) addLines(sales, before, -1);
  addLines(sales, event, 1);
  const products = Array.from(sales, ([product, sum]) => ({ product, ...sum }));
  return {
    country: event.country,
    minuteMs: Math.floor(event.placedMs / minuteMs) * minuteMs,
    hourMs: Math.floor(event.placedMs / hourMs) * hourMs,
    orders: before === undefined ? 1 : 0,
    cancelled: cancellations(event) - cancellations(before),
    revenueCents: products.reduce((sum, { revenueCents }) => sum + revenueCents, 0),
    products,
  };
}

/** A cancelled order's products stay in the change, with nothing: that a row exists must not depend on what came first. */
function addLines(sales: Map<string, Sales>, { kind, lines }: CountedOrder, sign: 1 | -1): void {
  const factor = kind === "cancelled" ? 0 : sign;
  for (const { product, quantity, unitCents } of lines) {
    const { sold, revenueCents } = sales.get(product) ?? { sold: 0, revenueCents: 0 };
    sales.set(product, {
      sold: sold + factor * quantity,
      revenueCents: revenueCents + factor * quantity * unitCents,
    });
  }
}

function cancellations(order: CountedOrder | undefined): number {
  return order?.kind === "cancelled" ? 1 : 0;
}
