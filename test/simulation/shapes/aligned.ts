import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  defineJob,
  elementType,
  type JobDefinition,
  mapState,
  tumblingWindows,
  valueState,
} from "../../../runtime/index.ts";
import { type Outcome, report, type Shape } from "../shape.ts";
import { type Arrival, arrivalsOf } from "./arrivals.ts";
import {
  lastNumbers,
  letterDifferences,
  rowDifferences,
  stateDifferences,
  timerLetters,
} from "./compare.ts";
import { names, planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { fixedWindowDifferences } from "./fixed-windows.ts";
import { checkOrder, type Item, itemSchema, springTrap } from "./item.ts";
import { boundMs } from "./source.ts";
import { anyVariant, jobOptions, versions } from "./variants.ts";
import { addWindows, type WindowVariant } from "./window-job.ts";

const sizeMs = 500;

interface Counted {
  readonly id: string;
  readonly key: string;
  readonly bucket: string;
  readonly n: number;
}

const jobs = versions(buildJob);

/** The partition key is the key: counts and windows run in the source's slots, and only the buckets behind an exchange. */
export const aligned: Shape = {
  name: "aligned",
  plan(dice) {
    const variant: WindowVariant = { ...anyVariant(dice), latenessMs: dice.pick([0, 400, 1_500]) };
    const planned = planFeed(dice, {
      stream: "items",
      keys: names("k", dice.between(8, 24)),
      traps: ["read", "count", "misaligned", "add", "result"],
      aligned: true,
    });
    return {
      ...jobs(variant),
      knowsTakingBack: true,
      feed: planned.records,
      check: (outcome) => check(takenOf(planned, outcome), outcome, variant),
    };
  },
};

function buildJob(variant: WindowVariant): JobDefinition {
  return defineJob(
    "aligned",
    (env) => {
      const byKey = env
        .source(kinesisSource({ stream: "items", schema: itemSchema }), {
          uid: "items",
          watermarks: boundedOutOfOrderness({
            timestamp: (item) => item.atMs,
            bound: { milliseconds: boundMs },
          }),
          partitionedBy: (item) => item.key,
        })
        .filter((item) => {
          springTrap(item, "read");
          return true;
        })
        .keyBy((item) => item.key);
      const counted = byKey.process({
        uid: "count",
        state: { n: valueState<number>(), last: mapState<string, number>() },
        emits: elementType<Counted>(),
        onElement(item, ctx) {
          const { state, key } = ctx;
          const n = (state.n.get() ?? 0) + 1;
          state.n.set(n);
          springTrap(item, "count");
          checkOrder("aligned", item, state.last);
          ctx.emit({ id: item.id, key, bucket: bucketOf(item), n });
        },
      });
      counted.sinkTo(
        dynamodbSink({ table: "counts", key: ["key"], toRow: ({ key, n }) => ({ key, n }) }),
        { uid: "count-rows" },
      );
      addWindows(byKey, {
        assigner: tumblingWindows({ size: { milliseconds: sizeMs } }),
        ...variant,
      });
      counted
        .keyBy((each) => each.bucket)
        .process({
          uid: "buckets",
          state: { count: valueState<number>(), last: mapState<string, number>() },
          emits: elementType<{ bucket: string; count: number }>(),
          onElement({ id, key, n }, ctx) {
            const { state } = ctx;
            const before = state.last.get(key) ?? 0;
            if (n <= before) report(`buckets: ${id}, number ${n} of ${key}, came after ${before}.`);
            state.last.set(key, n);
            const count = (state.count.get() ?? 0) + 1;
            state.count.set(count);
            ctx.emit({ bucket: ctx.key, count });
          },
        })
        .sinkTo(dynamodbSink({ table: "buckets", key: ["bucket"] }), { uid: "bucket-rows" });
    },
    jobOptions(variant),
  );
}

function bucketOf({ value }: Item): string {
  return `b${value % 3}`;
}

function check(planned: PlannedFeed, outcome: Outcome, { latenessMs }: WindowVariant): string[] {
  const arrivals = arrivalsOf([planned], outcome, {
    operator: "windows",
    lateStream: "late",
    always: { read: "filter", count: "count", misaligned: "keyBy" },
    aligned: true,
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
    ...stateDifferences(outcome, "count/windows/windows", []),
    ...countDifferences(planned, outcome, [...arrivals.taken, ...arrivals.late]),
  ];
}

/** A key has one producer, so that its items are numbered in the order of the feed. */
function countDifferences(
  { items }: PlannedFeed,
  outcome: Outcome,
  counted: readonly Arrival[],
): string[] {
  const ids = new Set(counted.map(({ item }) => item.id));
  const inOrder = items.flatMap(({ item }) => (ids.has(item.id) ? [item] : []));
  const byKey = Map.groupBy(inOrder, ({ key }) => key);
  const buckets = Map.groupBy(inOrder, bucketOf);
  const numbers = new Map<string, number>();
  const last = new Map<string, readonly [string, string, number]>();
  for (const item of inOrder) {
    const n = (numbers.get(item.key) ?? 0) + 1;
    numbers.set(item.key, n);
    last.set(`${bucketOf(item)} ${item.key}`, [bucketOf(item), item.key, n]);
  }
  return [
    ...rowDifferences(
      outcome,
      "counts",
      Array.from(numbers, ([key, n]) => ({ key, n })),
    ),
    ...rowDifferences(
      outcome,
      "buckets",
      Array.from(buckets, ([bucket, own]) => ({ bucket, count: own.length })),
    ),
    ...stateDifferences(
      outcome,
      "count/count/n",
      Array.from(numbers, ([key, n]) => [key, undefined, n] as const),
    ),
    ...stateDifferences(outcome, "count/count/last", lastNumbers(byKey)),
    ...stateDifferences(
      outcome,
      "buckets/buckets/count",
      Array.from(buckets, ([bucket, own]) => [bucket, undefined, own.length] as const),
    ),
    ...stateDifferences(outcome, "buckets/buckets/last", last.values()),
  ];
}
