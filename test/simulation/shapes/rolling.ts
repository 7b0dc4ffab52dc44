import { dynamodbSink } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  elementType,
  type JobDefinition,
  reducingState,
  valueState,
} from "../../../runtime/index.ts";
import type { Outcome, Shape } from "../shape.ts";
import {
  letterDifferences,
  refusedText,
  rowDifferences,
  stateDifferences,
  trappedText,
} from "./compare.ts";
import { planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { type Item, springTrap } from "./item.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, type JobVariant, versions } from "./variants.ts";

/** Every so many items of a key its row goes. */
const goneEvery = 3;

const jobs = versions(buildJob);

/** Rolling sums and extremes of a field, and rows that a process function puts and removes, behind a filter too. */
export const rolling: Shape = {
  name: "rolling",
  plan(dice) {
    const planned = planFeed(dice, { stream: "items", traps: ["read", "rows"] });
    return {
      ...jobs(anyVariant(dice)),
      feed: planned.records,
      check: (outcome) => check(takenOf(planned, outcome), outcome),
    };
  },
};

interface Row {
  readonly key: string;
  readonly n: number;
}

function buildJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "rolling",
    (env) => {
      const items = readItems(env, "items");
      const table = (name: string) =>
        dynamodbSink<{ readonly key: string }>({ table: name, key: ["key"] });
      const values = items.map(({ key, value }) => ({ key, value })).keyBy("key");
      values.sum("value", { uid: "sum" }).sinkTo(table("sums"), { uid: "sum-rows" });
      const times = items.map(({ key, atMs }) => ({ key, atMs })).keyBy("key");
      times.min("atMs", { uid: "min" }).sinkTo(table("mins"), { uid: "min-rows" });
      times.maxBy("atMs", { uid: "max-by" }).sinkTo(table("maxes"), { uid: "max-rows" });
      const rows = items
        .keyBy(({ key }) => key)
        .process({
          uid: "rows",
          gives: "upsert",
          state: {
            n: valueState<number>(),
            sum: reducingState<number>((one, other) => one + other),
          },
          emits: elementType<Row>(),
          onElement(item, { key, state, emit, delete: remove }) {
            const n = (state.n.get() ?? 0) + 1;
            state.n.set(n);
            state.sum.add(item.value);
            springTrap(item, "rows");
            if (n % goneEvery === 0) remove({ key, n: 0 });
            else emit({ key, n });
          },
        });
      rows.sinkTo(table("rows"), { uid: "all-rows" });
      rows.filter(({ n }) => n % 2 === 0).sinkTo(table("even"), { uid: "even-rows" });
    },
    jobOptions(variant),
  );
}

function check({ items, refused }: PlannedFeed, outcome: Outcome): string[] {
  const letters = refused.map(({ payload }) => refusedText(payload));
  const taken: Item[] = [];
  const counted: Item[] = [];
  for (const { item } of items) {
    if (item.trap === "read") letters.push(trappedText("map", item));
    else taken.push(item);
    if (item.trap === "rows") letters.push(trappedText("rows", item));
    else if (item.trap !== "read") counted.push(item);
  }
  const keys = [...Map.groupBy(taken, ({ key }) => key)];
  const times = (own: readonly Item[]) => own.map(({ atMs }) => atMs);
  const sums = keys.map(([key, own]) => ({
    key,
    value: own.reduce((sum, { value }) => sum + value, 0),
  }));
  const mins = keys.map(([key, own]) => ({ key, atMs: Math.min(...times(own)) }));
  const maxes = keys.map(([key, own]) => ({ key, atMs: Math.max(...times(own)) }));
  const counts = Array.from(
    Map.groupBy(counted, ({ key }) => key),
    ([key, own]) => ({ key, n: own.length }),
  );
  const standing = counts.filter(({ n }) => n % goneEvery !== 0);
  const even = standing.filter(({ n }) => n % 2 === 0);
  return [
    ...letterDifferences(outcome, letters),
    ...rowDifferences(outcome, "sums", sums),
    ...rowDifferences(outcome, "mins", mins),
    ...rowDifferences(outcome, "maxes", maxes),
    ...rowDifferences(outcome, "rows", standing),
    ...rowDifferences(outcome, "even", even),
    ...reducedDifferences(outcome, "sum/sum", sums),
    ...reducedDifferences(outcome, "min/min", mins),
    ...reducedDifferences(outcome, "min/max-by", maxes),
    ...stateDifferences(
      outcome,
      "rows/rows/sum",
      Array.from(
        Map.groupBy(counted, ({ key }) => key),
        ([key, own]) => [key, undefined, own.reduce((sum, { value }) => sum + value, 0)] as const,
      ),
    ),
    ...stateDifferences(
      outcome,
      "rows/rows/n",
      counts.map(({ key, n }) => [key, undefined, n]),
    ),
  ];
}

function reducedDifferences(
  outcome: Outcome,
  place: string,
  rows: readonly { readonly key: string }[],
): string[] {
  const entries = rows.map((row) => [row.key, undefined, row] as const);
  return stateDifferences(outcome, `${place}/reduced`, entries);
}
