import { blockRecords, blockSlots, type Slot } from "./block-slots.ts";
import { countries, products } from "./catalogue.ts";
import type { OrderEvent, OrderLine } from "./order-event.ts";
import { splitmix32 } from "./splitmix32.ts";

export interface OrderEventsOptions {
  /** The same seed gives the same records, byte for byte. */
  readonly seed: number;
  /** First position: what an earlier feed ended with, to go on there. */
  readonly from: number;
  /** Position behind the last. */
  readonly to: number;
}

/** One record as a producer puts it. */
export interface OrderRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Event time of the first position: 2026-01-05T08:00Z. */
export const firstMs = Date.UTC(2026, 0, 5, 8);
/** Event time goes on by this from one position to the next: 30,000 records are an hour. */
export const stepMs = 120;
/** An event is at most this much older than its position says. */
export const disorderMaxMs = 45_000;

const customerCount = 6_000;
const shopCount = 50;

/** Records at the positions from `from` to below `to`. What stands at a position does not depend on where one begins. */
export function* orderEvents({ seed, from, to }: OrderEventsOptions): Generator<OrderRecord> {
  for (let block = Math.floor(from / blockRecords); block * blockRecords < to; block++) {
    const firstPosition = block * blockRecords;
    for (const [at, slot] of blockSlots(seed, block).entries()) {
      const position = firstPosition + at;
      if (position >= from && position < to) yield recordOf(seed, position, slot);
    }
  }
}

function recordOf(seed: number, position: number, slot: Slot): OrderRecord {
  switch (slot.kind) {
    case "repeated":
      return recordAt(seed, slot.position);
    case "broken":
      return { partitionKey: `shop-${position}`, data: utf8.encode(`{"id":"order-${position}",`) };
    case "refused": {
      const event = eventOf(seed, position, { kind: "placed" });
      const lines = event.lines.map((line) => ({ ...line, quantity: 0 }));
      return { partitionKey: event.shop, data: utf8.encode(JSON.stringify({ ...event, lines })) };
    }
    default: {
      const event = eventOf(seed, position, slot);
      // Shops send what is sold; changes come from where customers see their orders, and may be read before what they change.
      const partitionKey = event.kind === "placed" ? event.shop : event.customer;
      return { partitionKey, data: utf8.encode(JSON.stringify(event)) };
    }
  }
}

function recordAt(seed: number, position: number): OrderRecord {
  const slots = blockSlots(seed, Math.floor(position / blockRecords));
  return recordOf(seed, position, slots[position % blockRecords] as Slot);
}

type EventSlot = Extract<Slot, { readonly kind: OrderEvent["kind"] }>;

function eventOf(seed: number, position: number, slot: EventSlot): OrderEvent {
  const order = slot.kind === "placed" ? position : slot.order;
  const revision = slot.kind === "placed" ? 1 : slot.revision;
  const placedMs = timeMsAt(seed, order);
  const draws = splitmix32(seed, purpose.order, order);
  const customer = Math.floor(customerCount * draws.fraction() ** 2);
  return {
    id: `order-${order}`,
    revision,
    kind: slot.kind,
    timeMs: slot.kind === "placed" ? placedMs : Math.max(placedMs + 1, timeMsAt(seed, position)),
    placedMs,
    customer: `customer-${customer}`,
    shop: `shop-${shopAt(draws.fraction())}`,
    country: countries[customer % countries.length] as string,
    // Who cancels leaves the lines as they were.
    lines: linesOf(seed, order, slot.kind === "cancelled" ? revision - 1 : revision),
  };
}

/** Most events are seconds old when they are put, and few nearly the longest time. */
function timeMsAt(seed: number, position: number): number {
  const age = splitmix32(seed, purpose.age, position).fraction() ** 3;
  return firstMs + position * stepMs - Math.floor(age * disorderMaxMs);
}

function linesOf(seed: number, order: number, revision: number): OrderLine[] {
  const draws = splitmix32(seed, purpose.lines, order, revision);
  const count = 1 + Math.floor(3 * draws.fraction() ** 2);
  return Array.from({ length: count }, () => {
    const at = Math.floor(products.length * draws.fraction() ** 2);
    const { name, unitCents } = products[at] as (typeof products)[number];
    return { product: name, quantity: 1 + draws.below(3), unitCents: unitCents + draws.below(50) };
  });
}

/** Zipf's law: the shop of rank n sells one n-th of what the first one does. */
const shopShares = Array.from({ length: shopCount }, (_, at) => 1 / (at + 1));
const shopSum = shopShares.reduce((sum, share) => sum + share, 0);

function shopAt(fraction: number): number {
  let left = fraction * shopSum;
  const at = shopShares.findIndex((share) => (left -= share) < 0);
  return at === -1 ? shopCount : at + 1;
}

const purpose = { order: 11, age: 12, lines: 13 };
const utf8 = new TextEncoder();
