import * as z from "zod/mini";

const OrderLine = z.object({
  product: z.string().check(z.minLength(1)),
  quantity: z.int().check(z.gte(1)),
  /** For one piece. Whole cents: sums are exact in any order. */
  unitCents: z.int().check(z.gte(0)),
});

/** One event of an order as it stands in the stream: always the whole order, as it is from this revision on. */
export const OrderEvent = z.object({
  id: z.string().check(z.minLength(1)),
  /** 1 is the placement; each change of the order has the next number. */
  revision: z.int().check(z.gte(1)),
  kind: z.enum(["placed", "edited", "cancelled"]),
  /** When this happened, in milliseconds since 1970: event time. */
  timeMs: z.int(),
  /** When the order was placed. It is the same in all revisions, like customer, shop and country. */
  placedMs: z.int(),
  customer: z.string().check(z.minLength(1)),
  shop: z.string().check(z.minLength(1)),
  country: z.string().check(z.minLength(1)),
  lines: z.array(OrderLine).check(z.minLength(1)),
});

export type OrderEvent = z.infer<typeof OrderEvent>;
export type OrderLine = z.infer<typeof OrderLine>;
