import { kinesisSink } from "../../../runtime/connectors/index.ts";
import { defineJob, elementType, type JobDefinition, outputTag } from "../../../runtime/index.ts";
import { patternsOf } from "../../../runtime/patterns/index.ts";
import { noteCodeRun, type Outcome, type Shape } from "../shape.ts";
import { type Arrivals, arrivalsOf } from "./arrivals.ts";
import {
  appendedTo,
  canonical,
  differences,
  letterDifferences,
  stateDifferences,
  told,
} from "./compare.ts";
import { names, planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { type Item, springTrap } from "./item.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, type JobVariant, versions } from "./variants.ts";

interface PatternVariant extends JobVariant {
  readonly withinMs: number;
}

/** A match, or what was left of one when its time was over. */
interface Found {
  readonly key: string;
  readonly first: string;
  readonly middle: string | null;
  readonly high: string | null;
  readonly atMs: number;
}

const late = outputTag<Item>("late");

const isMiddle = ({ value }: Item): boolean => value % 3 === 1;
const isHigh = ({ value }: Item): boolean => value % 3 === 2;

const toHigh = ({ withinMs }: PatternVariant) =>
  patternsOf<Item>()
    .begin("first")
    .where((item) => {
      springTrap(item, "add");
      return true;
    })
    .followedBy("middle")
    .where(isMiddle)
    .followedByAny("high")
    .where(isHigh)
    .within({ milliseconds: withinMs });

const over = outputTag<Found>("over");

const jobs = versions(buildJob);

/**
 * Behind each item the next middle one, and every high one behind that: matches have a beginning in common, which goes with the time that they
 * all have. So no item can get lost unseen. Many have the same time, and some of those are refused.
 */
export const pattern: Shape = {
  name: "pattern",
  plan(dice) {
    const variant: PatternVariant = {
      ...anyVariant(dice),
      withinMs: dice.pick([300, 1_200, 3_000]),
    };
    const keys = names("k", dice.between(3, 15));
    const feed = planFeed(dice, { stream: "items", keys, traps: ["read", "add"], grainMs: 100 });
    return {
      ...jobs(variant),
      feed: feed.records,
      check: (outcome) => check(takenOf(feed, outcome), variant, outcome),
    };
  },
};

function buildJob(variant: PatternVariant): JobDefinition {
  return defineJob(
    "pattern",
    (env) => {
      const found = readItems(env, "items")
        .keyBy(({ key }) => key)
        .pattern(toHigh(variant), {
          uid: "found",
          lateOutput: late,
          comparator: inOrder,
        })
        .process({
          emits: elementType<Found>(),
          onMatch({ first: [first], middle: [middle], high: [high] }, { key, timestampMs, emit }) {
            noteCodeRun();
            emit({ key, first: first.id, middle: middle.id, high: high.id, atMs: timestampMs });
          },
          onTimedOut({ first: [first], middle: [middle] }, { key, timestampMs, output }) {
            if (first === undefined) throw new Error("What timed out had not begun.");
            const open = { first: first.id, middle: middle?.id ?? null, high: null };
            output(over, { key, ...open, atMs: timestampMs });
          },
        });
      found
        .union(found.sideOutput(over))
        .sinkTo(kinesisSink({ stream: "found", partitionKey: ({ key }) => key }), {
          uid: "found-rows",
        });
      found
        .sideOutput(late)
        .sinkTo(kinesisSink({ stream: "late", partitionKey: ({ from }) => from }), {
          uid: "late-rows",
        });
    },
    jobOptions(variant),
  );
}

const inOrder = (one: Item, other: Item): number =>
  one.atMs - other.atMs || (one.id < other.id ? -1 : 1);

function check(feed: PlannedFeed, variant: PatternVariant, outcome: Outcome): string[] {
  const arrivals = arrivalsOf([feed], outcome, {
    operator: "found",
    lateStream: "late",
    always: { read: "map" },
  });
  const unneeded = arrivals.late.filter(({ item, watermarkMaxMs }) => item.atMs > watermarkMaxMs);
  return [
    ...arrivals.wrong,
    ...told(
      "Called late without need:",
      unneeded.map(({ item }) => item.id),
    ),
    ...letterDifferences(outcome, arrivals.letters),
    ...foundDifferences(arrivals, variant, outcome),
    ...["queue", "events", "nodes", "matches"].flatMap((state) =>
      stateDifferences(outcome, `found/found/${state}`, []),
    ),
  ];
}

function foundDifferences(
  { taken }: Arrivals,
  { withinMs }: PatternVariant,
  outcome: Outcome,
): string[] {
  const byKey = Map.groupBy(
    taken.map(({ item }) => item),
    ({ key }) => key,
  );
  const expected: Found[] = [];
  for (const [key, items] of byKey) {
    const sorted = items.toSorted(inOrder);
    for (const [at, { id: first, atMs: startMs }] of sorted.entries()) {
      const inTime = sorted.slice(at + 1).filter(({ atMs }) => atMs - startMs < withinMs);
      const middleAt = inTime.findIndex(isMiddle);
      const middle = inTime[middleAt]?.id ?? null;
      const highs = middle === null ? [] : inTime.slice(middleAt + 1).filter(isHigh);
      for (const { id: high, atMs } of highs) expected.push({ key, first, middle, high, atMs });
      expected.push({ key, first, middle, high: null, atMs: startMs + withinMs });
    }
  }
  const found = appendedTo<Found>(outcome, "found");
  return differences("Stream found", expected.map(canonical), found.map(canonical));
}
