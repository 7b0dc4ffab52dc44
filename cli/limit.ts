import { readableCount } from "./readable.ts";

interface LimitValues {
  readonly limit: number | undefined;
  readonly json: boolean;
  readonly csv?: boolean;
}

/** How many things a command shows: what `--limit` says, or else so many to people, and all to programs. */
export function limitOf({ limit, json, csv = false }: LimitValues, shownToPeople: number): number {
  if (limit !== undefined) return limit;
  return json || csv ? Number.POSITIVE_INFINITY : shownToPeople;
}

/** Says that there are more than were shown. */
export function moreLines(count: number): readonly string[] {
  return count > 0 ? [`and ${readableCount(count)} more: --limit <n> shows them`] : [];
}
