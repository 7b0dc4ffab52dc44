/** Sums over orders. */
export interface OrderTotals {
  readonly orders: number;
  /** How many of them were cancelled. */
  readonly cancelled: number;
  /** Of those that were not. */
  readonly revenueCents: number;
}

/** A row of the dashboard: the orders that were placed in a country in a minute. */
export interface MinuteRow extends OrderTotals {
  readonly country: string;
  readonly minuteMs: number;
}

export interface MinuteRowWithAverage extends MinuteRow {
  /** Mean of the orders that were not cancelled, to the cent; 0 where there are none. */
  readonly averageOrderCents: number;
}

export function withAverage(row: MinuteRow): MinuteRowWithAverage {
  const standing = row.orders - row.cancelled;
  const averageOrderCents = standing === 0 ? 0 : Math.round(row.revenueCents / standing);
  return { ...row, averageOrderCents };
}

/** What a key has after a change. */
export function plus(totals: OrderTotals | undefined, change: OrderTotals): OrderTotals {
  return {
    orders: (totals?.orders ?? 0) + change.orders,
    cancelled: (totals?.cancelled ?? 0) + change.cancelled,
    revenueCents: (totals?.revenueCents ?? 0) + change.revenueCents,
  };
}
