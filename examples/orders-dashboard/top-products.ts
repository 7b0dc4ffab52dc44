import type { Sales } from "./order-change.ts";

/** What a product sold of orders that were placed in an hour. */
export interface ProductSales extends Sales {
  readonly product: string;
  readonly hourMs: number;
}

/** A row of the dashboard. */
export interface HourRanking {
  readonly hourMs: number;
  readonly hour: string;
  readonly top: readonly (Sales & { readonly product: string })[];
}

/** The ten products with the most revenue, ties by name; what sold nothing is not among them. */
export function rankProducts(
  hourMs: number,
  salesByProduct: Iterable<readonly [string, Sales]>,
): HourRanking {
  const top = Array.from(salesByProduct, ([product, sales]) => ({ product, ...sales }))
    .filter(({ revenueCents }) => revenueCents > 0)
    .toSorted(
      (left, right) =>
        right.revenueCents - left.revenueCents || (left.product < right.product ? -1 : 1),
    )
    .slice(0, 10);
  return { hourMs, hour: `${new Date(hourMs).toISOString().slice(0, 16)}Z`, top };
}

export function plusSales(sum: Sales | undefined, { sold, revenueCents }: Sales): Sales {
  return {
    sold: (sum?.sold ?? 0) + sold,
    revenueCents: (sum?.revenueCents ?? 0) + revenueCents,
  };
}
