import { kinesisSink } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  type JobDefinition,
  dynamicSessionWindows,
  outputTag,
  tumblingWindows,
} from "../../../runtime/index.ts";
import type { Outcome, Shape } from "../shape.ts";
import { type Arrivals, arrivalsOf } from "./arrivals.ts";
import {
  appendedTo,
  differences,
  letterDifferences,
  listed,
  stateDifferences,
  told,
} from "./compare.ts";
import { planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { collecting, type Firing, type WindowResult, windowResult } from "./firing.ts";
import type { Item } from "./item.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, versions } from "./variants.ts";
import type { WindowVariant } from "./window-job.ts";

interface DiscardingVariant extends WindowVariant {
  readonly sizeMs: number;
  readonly areSessions: boolean;
}

/** Items have gaps of their own. */
const gapMs = ({ value }: Item, sizeMs: number): number => sizeMs + 50 * value;

const late = outputTag<Item>("late");
const jobs = versions(discardingJob);

/** Each firing is of the items since the last one. */
function discardingJob(variant: DiscardingVariant): JobDefinition {
  const { sizeMs, areSessions, latenessMs } = variant;
  const length = { milliseconds: sizeMs };
  const gap = (item: Item) => ({ milliseconds: gapMs(item, sizeMs) });
  return defineJob(
    "discarding",
    (env) => {
      const results = readItems(env, "items")
        .keyBy((item) => item.key)
        .window(areSessions ? dynamicSessionWindows({ gap }) : tumblingWindows({ size: length }), {
          uid: "windows",
          allowedLateness: { milliseconds: latenessMs },
          lateOutput: late,
          accumulation: "discarding",
        })
        .aggregate(collecting, windowResult);
      results.sinkTo(
        kinesisSink({
          stream: "firings",
          partitionKey: ({ key }) => key,
          toRecord: (result: WindowResult, change) => ({ ...result, change }),
        }),
        { uid: "firings" },
      );
      results
        .sideOutput(late)
        .sinkTo(kinesisSink({ stream: "late", partitionKey: ({ from }) => from }), { uid: "late" });
    },
    jobOptions(variant),
  );
}

/** Windows that forget what they have given: all firings together hold each item once. */
export const discarding: Shape = {
  name: "discarding",
  plan(dice) {
    const variant: DiscardingVariant = {
      ...anyVariant(dice),
      sizeMs: dice.pick([300, 1_000]),
      areSessions: dice.chance(0.5),
      latenessMs: dice.pick([0, 400, 1_500]),
    };
    const planned = planFeed(dice, { stream: "items", traps: ["read", "add"] });
    return {
      ...jobs(variant),
      knowsTakingBack: true,
      feed: planned.records,
      check: (outcome) => check(takenOf(planned, outcome), outcome, variant),
    };
  },
};

function check(planned: PlannedFeed, outcome: Outcome, variant: DiscardingVariant): string[] {
  const arrivals = arrivalsOf([planned], outcome, {
    operator: "windows",
    lateStream: "late",
    always: { read: "map" },
  });
  const cell = `windows/windows/${variant.areSessions ? "sessions" : "windows"}`;
  return [
    ...arrivals.wrong,
    ...letterDifferences(outcome, arrivals.letters),
    ...lateWithoutNeed(arrivals, variant),
    ...firingDifferences(arrivals, appendedTo<Firing>(outcome, "firings"), variant),
    ...stateDifferences(outcome, cell, []),
    ...stateDifferences(outcome, "windows/windows/timers", []),
  ];
}

function firingDifferences(
  { taken }: Arrivals,
  firings: readonly Firing[],
  variant: DiscardingVariant,
): string[] {
  const isWindow = windowsOf(
    taken.map(({ item }) => item),
    variant,
  );
  const items = new Map(taken.map(({ item }) => [item.id, item]));
  const odd = firings.filter(({ ids, n, sum, key, startMs, endMs, change }) => {
    const own = ids.flatMap((id) => items.get(id) ?? []);
    const areOwn = own.every(
      (item) => item.key === key && item.atMs >= startMs && item.atMs < endMs,
    );
    const total = own.reduce((so, { value }) => so + value, 0);
    return (
      !isWindow(key, startMs, endMs) ||
      !areOwn ||
      n !== ids.length ||
      sum !== total ||
      change !== "insert"
    );
  });
  return [
    ...told(
      "Firings that are not of new items of their window:",
      odd.map(
        ({ key, startMs, endMs, ids, change }) =>
          `${change} ${key} ${startMs}-${endMs} ${listed(ids)}`,
      ),
    ),
    ...differences(
      "All firings together",
      items.keys(),
      firings.flatMap(({ ids }) => ids),
    ),
  ];
}

/** Whether there can be such a window: a session begins with an item, and ends a gap behind one. */
function windowsOf(items: readonly Item[], { sizeMs, areSessions }: DiscardingVariant) {
  const starts = new Set(items.map(({ key, atMs }) => `${key} ${atMs}`));
  const ends = new Set(items.map((item) => `${item.key} ${item.atMs + gapMs(item, sizeMs)}`));
  return (key: string, startMs: number, endMs: number): boolean =>
    areSessions
      ? starts.has(`${key} ${startMs}`) && ends.has(`${key} ${endMs}`)
      : startMs % sizeMs === 0 && endMs === startMs + sizeMs;
}

/** Of sessions it is only known that one which an item begins ends a gap behind it. */
function lateWithoutNeed({ late: items }: Arrivals, variant: DiscardingVariant): string[] {
  const { sizeMs, areSessions, latenessMs } = variant;
  const endOf = (item: Item) =>
    areSessions
      ? item.atMs + gapMs(item, sizeMs)
      : Math.floor(item.atMs / sizeMs) * sizeMs + sizeMs;
  return told(
    "Late without need are",
    items
      .filter(({ item, watermarkMaxMs }) => watermarkMaxMs < endOf(item) - 1 + latenessMs)
      .map(({ item }) => `${item.id} at ${item.atMs}`),
  );
}
