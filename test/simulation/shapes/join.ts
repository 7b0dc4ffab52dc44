import { dynamodbSink, kinesisSink } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  elementType,
  type JobDefinition,
  mapState,
  outputTag,
  valueState,
} from "../../../runtime/index.ts";
import { type Outcome, report, type Shape } from "../shape.ts";
import {
  lastNumbers,
  letterDifferences,
  refusedText,
  rowDifferences,
  stateDifferences,
  streamDifferences,
  trappedText,
} from "./compare.ts";
import { interleave, names, planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { checkOrder, type Item, springTrap } from "./item.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, type JobVariant, versions } from "./variants.ts";

interface Sided {
  readonly side: "left" | "right";
  readonly item: Item;
}

interface Pair {
  readonly key: string;
  readonly left: string;
  readonly right: string;
}

interface Closing {
  readonly key: string;
  readonly lefts: number;
  readonly rights: number;
}

const closings = outputTag<Closing>("closings");

const jobs = versions(buildJob);

/**
 * A join of two streams: items of one key and value make pairs, whichever comes first. When both streams have ended each
 * key tells how many it has seen.
 */
export const join: Shape = {
  name: "join",
  plan(dice) {
    const traps = ["read", "join"];
    const keys = names("k", dice.between(5, 30));
    const lefts = planFeed(dice, { stream: "lefts", count: dice.between(100, 130), keys, traps });
    const rights = planFeed(dice, { stream: "rights", count: dice.between(110, 140), keys, traps });
    return {
      ...jobs(anyVariant(dice)),
      feed: interleave(dice, lefts.records, rights.records),
      check: (outcome) =>
        check({ lefts: takenOf(lefts, outcome), rights: takenOf(rights, outcome) }, outcome),
    };
  },
};

function buildJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "join",
    (env) => {
      const lefts = readItems(env, "lefts").map((item) => sided("left", item));
      const rights = readItems(env, "rights").map((item) => sided("right", item));
      const pairs = lefts
        .union(rights)
        .keyBy(({ item }) => item.key)
        .process({
          uid: "join",
          state: {
            left: mapState<string, number>(),
            right: mapState<string, number>(),
            last: mapState<string, number>(),
            closed: valueState<boolean>(),
          },
          emits: elementType<Pair>(),
          onElement({ side, item }, ctx) {
            const { state, timers, key } = ctx;
            const [own, other] =
              side === "left" ? [state.left, state.right] : [state.right, state.left];
            own.set(item.id, item.value);
            springTrap(item, "join");
            checkOrder("join", item, state.last);
            if (state.closed.get() === true) report(`join: ${item.id} came after the end.`);
            for (const [id, value] of other.entries()) {
              if (value !== item.value) continue;
              const [left, right] = side === "left" ? [item.id, id] : [id, item.id];
              ctx.emit({ key, left, right });
            }
            timers.event("close").set(Number.MAX_SAFE_INTEGER);
          },
          onTimer: {
            close(ctx) {
              const { state, key } = ctx;
              if (ctx.watermarkMs !== Number.POSITIVE_INFINITY)
                report(`join: ${key} closed at the watermark ${ctx.watermarkMs}.`);
              state.closed.set(true);
              const [lefts, rights] = [[...state.left.entries()], [...state.right.entries()]];
              ctx.output(closings, { key, lefts: lefts.length, rights: rights.length });
            },
          },
        });
      pairs.sinkTo(kinesisSink({ stream: "pairs", partitionKey: ({ key }) => key }), {
        uid: "pairs",
      });
      pairs.sinkTo(dynamodbSink({ table: "pairs", key: ["left", "right"] }), { uid: "pair-rows" });
      pairs
        .sideOutput(closings)
        .sinkTo(dynamodbSink({ table: "closings", key: ["key"] }), { uid: "closing-rows" });
    },
    jobOptions(variant),
  );
}

function sided(side: Sided["side"], item: Item): Sided {
  return { side, item };
}

interface Feeds {
  readonly lefts: PlannedFeed;
  readonly rights: PlannedFeed;
}

function check({ lefts, rights }: Feeds, outcome: Outcome): string[] {
  const letters: string[] = [];
  const left = joined("left", lefts, letters);
  const right = joined("right", rights, letters);
  const pairs: Pair[] = [];
  for (const one of left) {
    for (const other of right) {
      if (one.key === other.key && one.value === other.value)
        pairs.push({ key: one.key, left: one.id, right: other.id });
    }
  }
  const all = Map.groupBy([...left, ...right], ({ key }) => key);
  const count = (items: readonly Item[], key: string) =>
    items.filter((item) => item.key === key).length;
  const rows = Array.from(all.keys(), (key) => ({
    key,
    lefts: count(left, key),
    rights: count(right, key),
  }));
  return [
    ...letterDifferences(outcome, letters),
    ...streamDifferences(outcome, "pairs", pairs),
    ...rowDifferences(outcome, "pairs", pairs),
    ...rowDifferences(outcome, "closings", rows),
    ...stateDifferences(
      outcome,
      "join/join/left",
      left.map(({ key, id, value }) => [key, id, value]),
    ),
    ...stateDifferences(
      outcome,
      "join/join/right",
      right.map(({ key, id, value }) => [key, id, value]),
    ),
    ...stateDifferences(outcome, "join/join/last", lastNumbers(all)),
    ...stateDifferences(
      outcome,
      "join/join/closed",
      Array.from(all.keys(), (key) => [key, undefined, true] as const),
    ),
    ...stateDifferences(outcome, "join/join/timers", []),
  ];
}

/** The items of a side that reach the state; notes the letters of the others. */
function joined(side: Sided["side"], { items, refused }: PlannedFeed, letters: string[]): Item[] {
  letters.push(...refused.map(({ payload }) => refusedText(payload)));
  const taken: Item[] = [];
  for (const { item } of items) {
    if (item.trap === "read") letters.push(trappedText("map", item));
    else if (item.trap === "join") letters.push(trappedText("join", sided(side, item)));
    else taken.push(item);
  }
  return taken;
}
