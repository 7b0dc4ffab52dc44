export type SortValue = number | string | undefined;

export interface Order {
  readonly column: string;
  readonly direction: "ascending" | "descending";
}

/** Rows in an order that somebody has asked for; as they are without one. What has no value stands last in both directions. */
export function ordered<Row>(
  rows: readonly Row[],
  valueOf: ((row: Row) => SortValue) | undefined,
  order: Order | undefined,
): readonly Row[] {
  if (order === undefined || valueOf === undefined) return rows;
  const sign = order.direction === "ascending" ? 1 : -1;
  return rows.toSorted((left, right) => {
    const [a, b] = [valueOf(left), valueOf(right)];
    if (a === undefined || b === undefined)
      return Number(a === undefined) - Number(b === undefined);
    return sign * compared(a, b);
  });
}

const collator = new Intl.Collator("en", { numeric: true });

function compared(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : Number(a > b);
  return collator.compare(String(a), String(b));
}
