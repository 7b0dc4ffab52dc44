import type { Shape } from "../shape.ts";
import { planFeed, takenOf } from "./feed.ts";
import { timerDifferences } from "./timer-check.ts";
import { timerJob } from "./timer-job.ts";
import { anyVariant, versions } from "./variants.ts";

const jobs = versions(timerJob);

/** Timers of event time and of processing time, which are set, put off, brought forward, cleared and fire. */
export const timers: Shape = {
  name: "timers",
  plan(dice) {
    const planned = planFeed(dice, { stream: "items", traps: ["read", "element", "timer"] });
    return {
      ...jobs(anyVariant(dice)),
      feed: planned.records,
      check: (outcome) => timerDifferences(takenOf(planned, outcome), outcome),
    };
  },
};
