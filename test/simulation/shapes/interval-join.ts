import { kinesisSink } from "../../../runtime/connectors/index.ts";
import { defineJob, type JobDefinition, outputTag } from "../../../runtime/index.ts";
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
import { interleave, names, planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import type { Item } from "./item.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, type JobVariant, versions } from "./variants.ts";

interface JoinVariant extends JobVariant {
  readonly lowerMs: number;
  readonly upperMs: number;
}

/** A pair, or an item that has none. */
interface Pair {
  readonly key: string;
  readonly left: string | null;
  readonly right: string | null;
  readonly atMs: number;
}

const lateLeft = outputTag<Item>("late-left");
const lateRight = outputTag<Item>("late-right");

/** Partners may come later, earlier, or both; some bounds leave the own time out. */
const bounds = [
  [-400, 300],
  [0, 600],
  [150, 700],
  [-700, -150],
] as const;

const jobs = versions(buildJob);

/** A full join of items of one key whose times are near each other. */
export const intervalJoin: Shape = {
  name: "interval-join",
  plan(dice) {
    const [lowerMs, upperMs] = dice.pick(bounds);
    const variant: JoinVariant = { ...anyVariant(dice), lowerMs, upperMs };
    const keys = names("k", dice.between(5, 30));
    const feed = (stream: string) =>
      planFeed(dice, { stream, count: dice.between(105, 135), keys, traps: ["read"] });
    const [lefts, rights] = [feed("lefts"), feed("rights")];
    return {
      ...jobs(variant),
      feed: interleave(dice, lefts.records, rights.records),
      check: (outcome) =>
        check([takenOf(lefts, outcome), takenOf(rights, outcome)], variant, outcome),
    };
  },
};

function buildJob(variant: JoinVariant): JobDefinition {
  return defineJob(
    "interval-join",
    (env) => {
      const { lowerMs, upperMs } = variant;
      const pairs = readItems(env, "lefts")
        .keyBy(({ key }) => key)
        .intervalJoin(
          readItems(env, "rights").keyBy(({ key }) => key),
          {
            uid: "near",
            type: "full",
            between: [{ milliseconds: lowerMs }, { milliseconds: upperMs }],
            leftLateOutput: lateLeft,
            rightLateOutput: lateRight,
          },
        )
        .apply((left, right, { key, timestampMs }): Pair => {
          noteCodeRun();
          return { key, left: left?.id ?? null, right: right?.id ?? null, atMs: timestampMs };
        });
      pairs.sinkTo(kinesisSink({ stream: "pairs", partitionKey: ({ key }) => key }), {
        uid: "pairs",
      });
      pairs
        .sideOutput(lateLeft)
        .union(pairs.sideOutput(lateRight))
        .sinkTo(kinesisSink({ stream: "late", partitionKey: ({ from }) => from }), { uid: "late" });
    },
    jobOptions(variant),
  );
}

function check(
  feeds: readonly [PlannedFeed, PlannedFeed],
  variant: JoinVariant,
  outcome: Outcome,
): string[] {
  const arrivals = arrivalsOf(feeds, outcome, {
    operator: "near",
    lateStream: "late",
    always: { read: "map" },
  });
  const unneeded = arrivals.late.filter(({ item, watermarkMaxMs }) => item.atMs >= watermarkMaxMs);
  return [
    ...arrivals.wrong,
    ...told(
      "Called late without need:",
      unneeded.map(({ item }) => item.id),
    ),
    ...letterDifferences(outcome, arrivals.letters),
    ...pairDifferences(arrivals, variant, outcome),
    ...stateDifferences(outcome, "near/near/left", []),
    ...stateDifferences(outcome, "near/near/right", []),
  ];
}

function pairDifferences(
  { taken }: Arrivals,
  { lowerMs, upperMs }: JoinVariant,
  outcome: Outcome,
): string[] {
  const items = taken.map(({ item }) => item);
  const lefts = items.filter(({ id }) => id.startsWith("lefts"));
  const rights = Map.groupBy(
    items.filter(({ id }) => id.startsWith("rights")),
    ({ key }) => key,
  );
  const found = appendedTo<Pair>(outcome, "pairs");
  const foundPairs = new Set(found.map(({ left, right }) => `${left} ${right}`));
  const expected: Pair[] = [];
  const paired = new Set<string>();
  for (const left of lefts) {
    for (const right of rights.get(left.key) ?? []) {
      const apartMs = right.atMs - left.atMs;
      if (apartMs < lowerMs || apartMs > upperMs) continue;
      // An element whose last partner comes at the very watermark may be gone, as Flink's.
      const isEdge = apartMs === Math.max(0, upperMs) || apartMs === Math.min(0, lowerMs);
      if (isEdge && !foundPairs.has(`${left.id} ${right.id}`)) continue;
      const atMs = Math.max(left.atMs, right.atMs);
      expected.push({ key: left.key, left: left.id, right: right.id, atMs });
      paired.add(left.id).add(right.id);
    }
  }
  for (const { id, key, atMs } of items) {
    if (paired.has(id)) continue;
    const isLeft = id.startsWith("lefts");
    const waitMs = isLeft ? Math.max(0, upperMs) : Math.max(0, -lowerMs);
    const alone = isLeft ? { left: id, right: null } : { left: null, right: id };
    expected.push({ key, ...alone, atMs: atMs + waitMs });
  }
  return differences("Stream pairs", expected.map(canonical), found.map(canonical));
}
