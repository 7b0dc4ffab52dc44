import { tumblingWindows } from "../../../runtime/index.ts";
import type { Outcome, Shape } from "../shape.ts";
import { arrivalsOf } from "./arrivals.ts";
import { letterDifferences, stateDifferences, timerLetters } from "./compare.ts";
import { interleave, names, planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { fixedWindowDifferences } from "./fixed-windows.ts";
import { readItems } from "./source.ts";
import { anyVariant, versions } from "./variants.ts";
import { windowJob, type WindowVariant } from "./window-job.ts";

const sizeMs = 500;
const idleAfterMs = 200;

const jobs = versions((variant: WindowVariant) =>
  windowJob(
    {
      name: "idle-union",
      assigner: tumblingWindows({ size: { milliseconds: sizeMs } }),
      read: (env) => readItems(env, "live").union(readItems(env, "quiet", { idleAfterMs })),
    },
    variant,
  ),
);

/** Windows over a source that goes on and one that falls silent early, and must not hold them back for ever. */
export const idleUnion: Shape = {
  name: "idle-union",
  plan(dice) {
    const variant: WindowVariant = { ...anyVariant(dice), latenessMs: dice.pick([0, 400, 1_500]) };
    const keys = names("k", dice.between(5, 30));
    const traps = ["read", "add", "result"];
    const live = planFeed(dice, { stream: "live", keys, traps });
    const quiet = planFeed(dice, {
      stream: "quiet",
      mayBeIdle: true,
      count: dice.between(8, 20),
      keys,
      traps,
    });
    const early = Math.floor(live.records.length / 3);
    return {
      ...jobs(variant),
      knowsTakingBack: true,
      feed: [
        ...interleave(dice, live.records.slice(0, early), quiet.records),
        ...live.records.slice(early),
      ],
      check: (outcome) =>
        check([takenOf(live, outcome), takenOf(quiet, outcome)], outcome, variant),
    };
  },
};

function check(
  feeds: readonly PlannedFeed[],
  outcome: Outcome,
  { latenessMs }: WindowVariant,
): string[] {
  const arrivals = arrivalsOf(feeds, outcome, {
    operator: "windows",
    lateStream: "late",
    always: { read: "map" },
  });
  return [
    ...arrivals.wrong,
    ...letterDifferences(outcome, [...arrivals.letters, ...timerLetters(outcome, "windows")]),
    ...fixedWindowDifferences(arrivals, outcome, {
      sizeMs,
      slideMs: sizeMs,
      latenessMs,
      operator: "windows",
      firings: "firings",
      table: "windows",
    }),
    ...stateDifferences(outcome, "windows/windows/windows", []),
  ];
}
