import { dynamodbSink, kinesisSink } from "../../../runtime/connectors/index.ts";
import {
  type DataStream,
  defineJob,
  elementType,
  type JobDefinition,
  mapState,
  outputTag,
  type ProcessContext,
  type ResultStream,
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

/**
 * A join of two streams: items of one key and value make pairs, whichever comes first. When both streams have ended each
 * key tells how many it has seen.
 */
export const join = joinShape("join", {
  pairsOf: (lefts, rights) =>
    lefts
      .map((item) => sided("left", item))
      .union(rights.map((item) => sided("right", item)))
      .keyBy(({ item }) => item.key)
      .process({
        ...definition,
        onElement: ({ side, item }, ctx) => pairUp(side, item, ctx),
      }),
  elementOf: sided,
});

/** The same by an operator of two inputs. */
export const connect = joinShape("connect", {
  pairsOf: (lefts, rights) =>
    lefts
      .keyBy(({ key }) => key)
      .connect(rights.keyBy(({ key }) => key))
      .process({
        ...definition,
        onElement1: (item, ctx) => pairUp("left", item, ctx),
        onElement2: (item, ctx) => pairUp("right", item, ctx),
      }),
  elementOf: (_, item) => item,
});

interface Joining {
  readonly pairsOf: (lefts: DataStream<Item>, rights: DataStream<Item>) => ResultStream<Pair>;
  /** The element in front of the operator, as dead letters show it. */
  readonly elementOf: (side: Sided["side"], item: Item) => unknown;
}

function joinShape(name: string, joining: Joining): Shape {
  const jobs = versions((variant: JobVariant) => buildJob(name, joining, variant));
  return {
    name,
    plan(dice) {
      const traps = ["read", "join"];
      const keys = names("k", dice.between(5, 30));
      const lefts = planFeed(dice, { stream: "lefts", count: dice.between(100, 130), keys, traps });
      const rights = planFeed(dice, {
        stream: "rights",
        count: dice.between(110, 140),
        keys,
        traps,
      });
      return {
        ...jobs(anyVariant(dice)),
        feed: interleave(dice, lefts.records, rights.records),
        check: (outcome) =>
          check(
            { lefts: takenOf(lefts, outcome), rights: takenOf(rights, outcome) },
            joining,
            outcome,
          ),
      };
    },
  };
}

const state = {
  left: mapState<string, number>(),
  right: mapState<string, number>(),
  last: mapState<string, number>(),
  closed: valueState<boolean>(),
};

type Context = ProcessContext<string, typeof state, "close", Pair>;

const definition = {
  uid: "join",
  state,
  emits: elementType<Pair>(),
  onTimer: {
    close(ctx: Context): void {
      const { key } = ctx;
      if (ctx.watermarkMs !== Number.POSITIVE_INFINITY)
        report(`join: ${key} closed at the watermark ${ctx.watermarkMs}.`);
      ctx.state.closed.set(true);
      const [lefts, rights] = [[...ctx.state.left.entries()], [...ctx.state.right.entries()]];
      ctx.output(closings, { key, lefts: lefts.length, rights: rights.length });
    },
  },
};

function pairUp(side: Sided["side"], item: Item, ctx: Context): void {
  const { timers, key } = ctx;
  const { left, right, last, closed } = ctx.state;
  const [own, other] = side === "left" ? [left, right] : [right, left];
  own.set(item.id, item.value);
  springTrap(item, "join");
  checkOrder("join", item, last);
  if (closed.get() === true) report(`join: ${item.id} came after the end.`);
  for (const [id, value] of other.entries()) {
    if (value !== item.value) continue;
    ctx.emit(
      side === "left" ? { key, left: item.id, right: id } : { key, left: id, right: item.id },
    );
  }
  timers.event("close").set(Number.MAX_SAFE_INTEGER);
}

function buildJob(name: string, { pairsOf }: Joining, variant: JobVariant): JobDefinition {
  return defineJob(
    name,
    (env) => {
      const pairs = pairsOf(readItems(env, "lefts"), readItems(env, "rights"));
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

function check({ lefts, rights }: Feeds, joining: Joining, outcome: Outcome): string[] {
  const letters: string[] = [];
  const left = joined("left", lefts, { letters, joining });
  const right = joined("right", rights, { letters, joining });
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
function joined(
  side: Sided["side"],
  { items, refused }: PlannedFeed,
  { letters, joining }: { readonly letters: string[]; readonly joining: Joining },
): Item[] {
  letters.push(...refused.map(({ payload }) => refusedText(payload)));
  const taken: Item[] = [];
  for (const { item } of items) {
    if (item.trap === "read") letters.push(trappedText("map", item));
    else if (item.trap === "join") letters.push(trappedText("join", joining.elementOf(side, item)));
    else taken.push(item);
  }
  return taken;
}
