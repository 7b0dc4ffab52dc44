import type { Outcome } from "../shape.ts";
import { appendedTo, differences, letterText, refusedText, trappedText } from "./compare.ts";
import type { PlannedFeed } from "./feed.ts";
import type { Item } from "./item.ts";
import { boundMs } from "./source.ts";
import { aheadOf, type Counts } from "./watermarks.ts";

/** What became of the items on their way into a stage of windows. */
export interface Arrivals {
  /** Items that the windows took. */
  readonly taken: readonly Arrival[];
  readonly late: readonly Arrival[];
  /** Dead letters of documents and items, as they have to be. */
  readonly letters: readonly string[];
  readonly aligned: boolean;
  /** What is wrong with the late ones. */
  readonly wrong: readonly string[];
}

export interface Arrival {
  readonly item: Item;
  /** No watermark in front of the item can have been higher than this. */
  readonly watermarkMaxMs: number;
  /** Nor lower, in a stage that runs in the source's slots. */
  readonly watermarkMinMs: number;
}

export interface ArrivalRules {
  /** Uid of the operator whose code throws on "add" and "result" traps. */
  readonly operator: string;
  readonly lateStream: string;
  /** Operators whose code throws before, in the source's slots, by the name of the trap. */
  readonly always: Readonly<Record<string, string>>;
  /** The windows stand in the source's slots. */
  readonly aligned?: boolean;
}

/** Sorts the items by what became of them: how, decides the order of arrival. Each must be accounted for exactly once. */
export function arrivalsOf(
  feeds: readonly PlannedFeed[],
  outcome: Outcome,
  { operator, lateStream, always, aligned = false }: ArrivalRules,
): Arrivals {
  const lateIds = appendedTo<Item>(outcome, lateStream).map(({ id }) => id);
  const lateSet = new Set(lateIds);
  const written = new Set(outcome.deadLetters.map(letterText));
  const letters: string[] = [];
  const taken: Arrival[] = [];
  const late: Arrival[] = [];
  /** The letter of an item that the windows' code fails on. */
  function failure(item: Item): string | undefined {
    if (lateSet.has(item.id)) return undefined;
    const letter = trappedText(operator, item);
    // The result's function meets the item with the item, or with a timer.
    const fails = item.trap === "add" || (item.trap === "result" && written.has(letter));
    return fails ? letter : undefined;
  }
  for (const feed of feeds) {
    letters.push(...feed.refused.map(({ payload }) => refusedText(payload)));
    const arrivals = arrivalsIn(
      feed,
      outcome,
      (item) => always[item.trap ?? ""] === undefined && !(aligned && failure(item) !== undefined),
    );
    for (const { item } of feed.items) {
      const failsIn = always[item.trap ?? ""];
      const letter = failsIn === undefined ? failure(item) : trappedText(failsIn, item);
      if (letter !== undefined) letters.push(letter);
      else if (lateSet.has(item.id)) late.push(arrivals(item));
      else taken.push(arrivals(item));
    }
  }
  const known = new Set(late.map(({ item }) => item.id));
  return {
    taken,
    late,
    letters,
    aligned,
    wrong: differences(`Stream ${lateStream}`, known, lateIds),
  };
}

/** How high the watermark can have been in front of the items of a feed. */
export function arrivalsIn(
  { stream, items, mayBeIdle }: PlannedFeed,
  { sources }: Outcome,
  counts: Counts,
): (item: Item) => Arrival {
  const ahead = aheadOf(
    sources.get(stream) ?? [],
    new Map(items.map(({ item }) => [item.id, item])),
    counts,
  );
  return (item) => {
    const { minMs, maxMs } = ahead.get(item.id) ?? never;
    return {
      item,
      // While a source is idle the watermark may be anywhere ahead of its next item.
      watermarkMaxMs: mayBeIdle ? Number.POSITIVE_INFINITY : maxMs - boundMs - 1,
      watermarkMinMs: minMs - boundMs - 1,
    };
  };
}

const never = { minMs: Number.NEGATIVE_INFINITY, maxMs: Number.NEGATIVE_INFINITY };
