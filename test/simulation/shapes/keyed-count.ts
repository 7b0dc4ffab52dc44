import type { Shape } from "../shape.ts";
import { countJob } from "./count-job.ts";
import { countDifferences } from "./counts.ts";
import { planFeed, takenOf } from "./feed.ts";
import { anyVariant, type JobVariant, versions } from "./variants.ts";

const jobs = versions((variant: JobVariant) => countJob("keyed-count", variant, {}));

/** A rolling count by key. */
export const keyedCount: Shape = {
  name: "keyed-count",
  plan(dice) {
    const planned = planFeed(dice, { stream: "items", traps: ["read", "count"] });
    return {
      ...jobs(anyVariant(dice)),
      feed: planned.records,
      check: (outcome) => countDifferences(takenOf(planned, outcome), outcome),
    };
  },
};
