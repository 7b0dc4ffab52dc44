import type { Shape } from "../shape.ts";
import { countJob } from "./count-job.ts";
import { countDifferences } from "./counts.ts";
import { planFeed, takenOf } from "./feed.ts";
import { anyVariant, type JobVariant, versions } from "./variants.ts";

const jobs = versions((variant: JobVariant) =>
  countJob("read-files", variant, { isInFiles: true }),
);

/** A rolling count by key of the lines of some files. */
export const readFiles: Shape = {
  name: "read-files",
  plan(dice) {
    const planned = planFeed(dice, { stream: "files:items", traps: ["read", "count"] });
    return {
      ...jobs(anyVariant(dice)),
      feed: planned.records,
      check: (outcome) => countDifferences(takenOf(planned, outcome), outcome),
    };
  },
};
