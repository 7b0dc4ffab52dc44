import type { Outcome, Shape } from "../shape.ts";
import {
  letterDifferences,
  refusedText,
  rowDifferences,
  stateDifferences,
  trappedText,
} from "./compare.ts";
import { expiringJob } from "./expiring-job.ts";
import { planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import type { Item } from "./item.ts";
import { anyVariant, versions } from "./variants.ts";

const jobs = versions(expiringJob);

/** State that expires by event time, beside the same kept for ever with the times of its uses. */
export const expiring: Shape = {
  name: "expiring",
  plan(dice) {
    const planned = planFeed(dice, { stream: "items", traps: ["read", "element"] });
    return {
      ...jobs(anyVariant(dice)),
      feed: planned.records,
      check: (outcome) => check(takenOf(planned, outcome), outcome),
    };
  },
};

function check({ items, refused }: PlannedFeed, outcome: Outcome): string[] {
  const letters = refused.map(({ payload }) => refusedText(payload));
  const taken: Item[] = [];
  for (const { item } of items) {
    if (item.trap === "read") letters.push(trappedText("map", item));
    else if (item.trap === "element") letters.push(trappedText("expiring", item));
    else taken.push(item);
  }
  const counts = Array.from(
    Map.groupBy(taken, ({ key }) => key),
    ([key, own]) => ({ key, n: own.length }),
  );
  return [
    ...letterDifferences(outcome, letters),
    ...rowDifferences(outcome, "expiring", counts),
    ...stateDifferences(
      outcome,
      "expiring/expiring/n",
      counts.map(({ key, n }) => [key, undefined, n]),
    ),
    ...keptDifferences(outcome, { expires: "seen", stays: "allSeen" }),
    ...keptDifferences(outcome, { expires: "last", stays: "everLast" }),
  ];
}

/** What has not expired is what stays where that is deleted by timers, with the same times. */
function keptDifferences(
  outcome: Outcome,
  { expires, stays }: { readonly expires: string; readonly stays: string },
): string[] {
  const expected = Array.from(
    outcome.state.get(`expiring/expiring/${stays}`) ?? [],
    ([place, value]) => [...(JSON.parse(place) as [unknown, unknown]), value] as const,
  );
  return stateDifferences(
    outcome,
    `expiring/expiring/${expires}`,
    expected.map((entry) =>
      entry.length === 3 ? entry : ([entry[0], undefined, entry[1]] as const),
    ),
  );
}
