import type { OrderEvent, OrderLine } from "../../../../examples/orders-dashboard/order-event.ts";

export const eightMs = Date.UTC(2026, 0, 5, 8);

export const line = (product: string, quantity: number, unitCents: number): OrderLine => ({
  product,
  quantity,
  unitCents,
});

/** An event of an order of one mug for ten euros, placed at eight. */
export function orderEvent(fields: Partial<OrderEvent> = {}): OrderEvent {
  const revision = fields.revision ?? 1;
  const placedMs = fields.placedMs ?? fields.timeMs ?? eightMs;
  return {
    id: "a",
    revision,
    kind: revision === 1 ? "placed" : "edited",
    timeMs: placedMs + (revision - 1) * 1_000,
    placedMs,
    customer: "c1",
    shop: "s1",
    country: "DE",
    lines: [line("mug", 1, 1_000)],
    ...fields,
  };
}

/** A record of each value. */
export const recordsOf = (values: readonly unknown[]): readonly { readonly data: Uint8Array }[] =>
  values.map((value) => ({ data: new TextEncoder().encode(JSON.stringify(value)) }));
