import { count } from "./numbers.ts";

interface Spread {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** A histogram in a line: its mean, and below which bounds half and nearly all values are. */
export function spreadOf({ bounds, counts, sum }: Spread): string {
  const all = counts.reduce((total, one) => total + one, 0);
  if (all === 0) return "none yet";
  const below = (share: number): string => {
    let seen = 0;
    const at = counts.findIndex((one) => (seen += one) >= share * all);
    const { [at]: bound } = bounds;
    return bound === undefined ? `> ${count(bounds.at(-1) ?? 0)}` : `≤ ${count(bound)}`;
  };
  const mean = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format(sum / all);
  return `mean ${mean}, half ${below(0.5)}, 95% ${below(0.95)} of ${count(all)}`;
}
