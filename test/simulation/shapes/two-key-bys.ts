import { dynamodbSink, kinesisSink } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  elementType,
  type JobDefinition,
  mapState,
  valueState,
} from "../../../runtime/index.ts";
import { type Outcome, report, type Shape } from "../shape.ts";
import {
  appendedTo,
  canonical,
  differences,
  letterDifferences,
  letterText,
  refusedText,
  rowDifferences,
  stateDifferences,
  told,
  trappedText,
} from "./compare.ts";
import type { PlannedFeed } from "./feed.ts";
import { checkOrder, type Item, springTrap } from "./item.ts";
import { planItems } from "./items-plan.ts";
import { readItems } from "./source.ts";
import { jobOptions, type JobVariant, versions } from "./variants.ts";

/** What the first stage makes of an item: the item's number among those of its key. */
interface Numbered {
  readonly id: string;
  readonly key: string;
  readonly bucket: string;
  readonly n: number;
  readonly value: number;
  readonly trap?: string;
}

const jobs = versions(buildJob);

/** Two keyBys in a row: counts by key, then sums of what was counted by bucket. */
export const twoKeyBys: Shape = {
  name: "two-key-bys",
  plan: (dice) => planItems(dice, { jobs, traps: ["read", "first", "second"], check }),
};

function buildJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "two-key-bys",
    (env) => {
      const numbered = readItems(env, "items")
        .keyBy((item) => item.key)
        .process({
          uid: "first",
          state: { n: valueState<number>(), last: mapState<string, number>() },
          emits: elementType<Numbered>(),
          onElement(item, ctx) {
            const n = (ctx.state.n.get() ?? 0) + 1;
            ctx.state.n.set(n);
            springTrap(item, "first");
            checkOrder("first", item, ctx.state.last);
            ctx.emit(numberedOf(item, n));
          },
        });
      numbered.sinkTo(kinesisSink({ stream: "numbered", partitionKey: ({ key }) => key }), {
        uid: "numbered",
      });
      numbered
        .keyBy((numbered) => numbered.bucket)
        .process({
          uid: "second",
          state: {
            count: valueState<number>(),
            sum: valueState<number>(),
            last: mapState<string, number>(),
          },
          emits: elementType<{ bucket: string; count: number; sum: number }>(),
          onElement({ id, key, n, value, trap }, ctx) {
            const { state } = ctx;
            const before = state.last.get(key) ?? 0;
            state.last.set(key, n);
            springTrap({ trap } as Item, "second");
            if (n <= before) report(`second: ${id}, number ${n} of ${key}, came after ${before}.`);
            const count = (state.count.get() ?? 0) + 1;
            const sum = (state.sum.get() ?? 0) + value;
            state.count.set(count);
            state.sum.set(sum);
            ctx.emit({ bucket: ctx.key, count, sum });
          },
        })
        .sinkTo(dynamodbSink({ table: "buckets", key: ["bucket"] }), { uid: "bucket-rows" });
    },
    jobOptions(variant),
  );
}

function numberedOf({ id, key, value, trap }: Item, n: number): Numbered {
  return {
    id,
    key,
    bucket: `b${value % 4}`,
    n,
    value,
    ...(trap !== undefined && { trap }),
  };
}

/**
 * Where the second stage fails, the item is undone in the first as well if it had stayed in the slot; otherwise what the
 * first stage sent is written off alone. Both are right, and the dead letter tells which it was.
 */
function check({ items, refused }: PlannedFeed, outcome: Outcome): string[] {
  const letters = refused.map(({ payload }) => refusedText(payload));
  const written = new Set(outcome.deadLetters.map(letterText));
  const log = new Map(appendedTo<Numbered>(outcome, "numbered").map((each) => [each.id, each]));
  const first: Item[] = [];
  const second: Numbered[] = [];
  const wrong: string[] = [];
  for (const { item } of items) {
    const undone = trappedText("second", item);
    if (item.trap === "read") letters.push(trappedText("map", item));
    else if (item.trap === "first") letters.push(trappedText("first", item));
    else if (item.trap === "second" && written.has(undone)) letters.push(undone);
    else {
      first.push(item);
      const numbered = log.get(item.id);
      if (numbered === undefined) wrong.push(`${item.id} is missing`);
      else if (canonical(numbered) !== canonical(numberedOf(item, numbered.n)))
        wrong.push(`${canonical(numbered)} is not what comes of ${item.id}`);
      else if (item.trap === "second") letters.push(trappedText("second", numbered));
      else second.push(numbered);
    }
  }
  return [
    ...letterDifferences(outcome, letters),
    ...told("In stream numbered", wrong),
    ...numberDifferences(first, outcome),
    ...bucketDifferences(second, outcome),
  ];
}

/** Items of a key are numbered without a gap, and those of one producer upwards. */
function numberDifferences(first: readonly Item[], outcome: Outcome): string[] {
  const log = appendedTo<Numbered>(outcome, "numbered");
  const byId = new Map(log.map(({ id, n }) => [id, n]));
  const counts = new Map<string, number>();
  const last = new Map<string, number>();
  const lastNumber = new Map<string, readonly [string, string, number]>();
  const expected: string[] = [];
  const backwards: string[] = [];
  for (const { id, key, from, seq } of first) {
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    expected.push(`${key} ${n}`);
    const place = `${key} ${from}`;
    const given = byId.get(id) ?? 0;
    if (given <= (last.get(place) ?? 0)) backwards.push(`${id} as ${given}`);
    last.set(place, given);
    lastNumber.set(place, [key, from, seq]);
  }
  return [
    ...differences(
      "Numbers of stream numbered",
      expected,
      log.map(({ key, n }) => `${key} ${n}`),
    ),
    ...told("Numbered backwards are", backwards),
    ...stateDifferences(
      outcome,
      "first/first/n",
      Array.from(counts, ([key, n]) => [key, undefined, n] as const),
    ),
    ...stateDifferences(outcome, "first/first/last", lastNumber.values()),
  ];
}

function bucketDifferences(second: readonly Numbered[], outcome: Outcome): string[] {
  const rows = new Map<string, { bucket: string; count: number; sum: number }>();
  const last = new Map<string, readonly [string, string, number]>();
  for (const { bucket, key, n, value } of second) {
    const row = rows.get(bucket) ?? { bucket, count: 0, sum: 0 };
    rows.set(bucket, row);
    row.count += 1;
    row.sum += value;
    const place = `${bucket} ${key}`;
    last.set(place, [bucket, key, Math.max(n, last.get(place)?.[2] ?? 0)]);
  }
  return [
    ...rowDifferences(outcome, "buckets", rows.values()),
    ...stateDifferences(
      outcome,
      "second/second/count",
      Array.from(rows.values(), ({ bucket, count }) => [bucket, undefined, count] as const),
    ),
    ...stateDifferences(
      outcome,
      "second/second/sum",
      Array.from(rows.values(), ({ bucket, sum }) => [bucket, undefined, sum] as const),
    ),
    ...stateDifferences(outcome, "second/second/last", last.values()),
  ];
}
