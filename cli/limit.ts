import { wholeNumber } from "./arguments.ts";
import { readableCount } from "./readable.ts";

const limitMax = 1_000_000;

/**
 * How many things a command shows: what `--limit` says, or else so many to people, and all to programs.
 * @throws UsageError
 */
export function limitOf(
  { limit, json }: { readonly limit?: string; readonly json: boolean },
  shownToPeople: number,
): number {
  if (limit !== undefined) return wholeNumber("limit", limit, { min: 1, max: limitMax });
  return json ? Number.POSITIVE_INFINITY : shownToPeople;
}

/** Says that there are more than were shown. */
export function moreLines(count: number): readonly string[] {
  return count > 0 ? [`and ${readableCount(count)} more: --limit <n> shows them`] : [];
}
