import type { Dice, Outcome, ShapeCase } from "../shape.ts";
import { planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { anyVariant, type JobVariant, type versions } from "./variants.ts";

export interface ItemsPlan {
  readonly jobs: ReturnType<typeof versions<JobVariant>>;
  /** Places at which user code throws on some of the items. */
  readonly traps: readonly string[];
  /** Compares with a plain pass over what was taken. */
  readonly check: (feed: PlannedFeed, outcome: Outcome) => readonly string[];
}

/** The case of a shape that reads one stream of items, in any variant, and knows what it gives for those that were taken. */
export function planItems(dice: Dice, { jobs, traps, check }: ItemsPlan): ShapeCase {
  const planned = planFeed(dice, { stream: "items", traps });
  return {
    ...jobs(anyVariant(dice)),
    feed: planned.records,
    check: (outcome) => check(takenOf(planned, outcome), outcome),
  };
}
