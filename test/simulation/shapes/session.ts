import { sessionWindows } from "../../../runtime/index.ts";
import type { Outcome, Shape } from "../shape.ts";
import { arrivalsOf } from "./arrivals.ts";
import { letterDifferences, stateDifferences } from "./compare.ts";
import { planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { sessionDifferences } from "./sessions.ts";
import { anyVariant, versions } from "./variants.ts";
import { windowJob, type WindowVariant } from "./window-job.ts";

interface SessionVariant extends WindowVariant {
  readonly gapMs: number;
}

const jobs = versions((variant: SessionVariant) =>
  windowJob(
    { name: "session", assigner: sessionWindows({ gap: { milliseconds: variant.gapMs } }) },
    variant,
  ),
);

/** Session windows: late items make them longer and join them, which withdraws what they gave. */
export const session: Shape = {
  name: "session",
  plan(dice) {
    const variant: SessionVariant = {
      ...anyVariant(dice),
      gapMs: dice.pick([150, 400]),
      latenessMs: dice.pick([400, 1_500, 6_000]),
    };
    const planned = planFeed(dice, {
      stream: "items",
      traps: ["read", "add"],
      lateShare: 0.2,
    });
    return {
      ...jobs(variant),
      knowsTakingBack: true,
      feed: planned.records,
      check: (outcome) => check(takenOf(planned, outcome), outcome, variant),
    };
  },
};

function check(planned: PlannedFeed, outcome: Outcome, variant: SessionVariant): string[] {
  const { gapMs, latenessMs } = variant;
  const arrivals = arrivalsOf([planned], outcome, {
    operator: "windows",
    lateStream: "late",
    always: { read: "map" },
  });
  return [
    ...arrivals.wrong,
    ...letterDifferences(outcome, arrivals.letters),
    ...sessionDifferences(arrivals, outcome, {
      gapMs,
      latenessMs,
      firings: "firings",
      table: "windows",
    }),
    ...stateDifferences(outcome, "windows/windows/sessions", []),
  ];
}
