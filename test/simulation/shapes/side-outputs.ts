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
import type { PlannedFeed } from "./feed.ts";
import { checkOrder, type Item, springTrap } from "./item.ts";
import { planItems } from "./items-plan.ts";
import { readItems } from "./source.ts";
import { jobOptions, type JobVariant, versions } from "./variants.ts";

interface Seen {
  readonly id: string;
  readonly key: string;
  readonly value: number;
  readonly trap?: string;
}

/** What is summed up by producer. */
interface Reduced {
  readonly from: string;
  readonly seq: number;
  readonly value: number;
  readonly trap: string | undefined;
}

const even = outputTag<Seen>("even");
const odd = outputTag<Seen>("odd");
const nines = outputTag<Seen>("nines");

const jobs = versions(buildJob);

/** One process function with three side outputs and a main one, and a rolling reduce beside it: six sinks in all. */
export const sideOutputs: Shape = {
  name: "side-outputs",
  plan: (dice) => planItems(dice, { jobs, traps: ["read", "select", "split", "row"], check }),
};

function buildJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "side-outputs",
    (env) => {
      const items = readItems(env, "items");
      const counts = items
        .keyBy((item) => item.key)
        .process({
          uid: "split",
          state: { n: valueState<number>(), last: mapState<string, number>() },
          emits: elementType<{ key: string; n: number }>(),
          onElement(item, ctx) {
            const { state, key } = ctx;
            const seen = seenOf(item);
            ctx.output(item.value % 2 === 0 ? even : odd, seen);
            if (item.value === 9) ctx.output(nines, seen);
            const n = (state.n.get() ?? 0) + 1;
            state.n.set(n);
            ctx.emit({ key, n });
            springTrap(item, "split");
            checkOrder("split", item, state.last);
          },
        });
      counts.sinkTo(dynamodbSink({ table: "counts", key: ["key"] }), { uid: "count-rows" });
      counts
        .sideOutput(even)
        .sinkTo(kinesisSink({ stream: "even", partitionKey: ({ id }) => id }), { uid: "even" });
      counts.sideOutput(odd).sinkTo(
        dynamodbSink({
          table: "odd",
          key: ["key", "id"],
          toRow({ trap, ...seen }) {
            springTrap({ trap } as Item, "row");
            return seen;
          },
        }),
        { uid: "odd-rows" },
      );
      const allNines = counts.sideOutput(nines);
      allNines.sinkTo(kinesisSink({ stream: "nines", partitionKey: ({ key }) => key }), {
        uid: "nines",
      });
      allNines.sinkTo(dynamodbSink({ table: "nines", key: ["id"] }), { uid: "nine-rows" });
      items
        .map(({ from, seq, value, trap }) => ({ from, seq, value, trap }))
        .keyBy(({ from, trap }) => {
          springTrap({ trap } as Item, "select");
          return from;
        })
        .reduce(
          (sum: Reduced, next) => {
            if (next.seq <= sum.seq)
              report(`reduce: number ${next.seq} of ${next.from} came after ${sum.seq}.`);
            return { ...next, value: sum.value + next.value };
          },
          { uid: "sums" },
        )
        .sinkTo(
          dynamodbSink({
            table: "sums",
            key: ["from"],
            toRow: sumOf,
          }),
          { uid: "sum-rows" },
        );
    },
    jobOptions(variant),
  );
}

function seenOf({ id, key, value, trap }: Item): Seen {
  return { id, key, value, ...(trap !== undefined && { trap }) };
}

function sumOf({ from, seq, value }: Reduced) {
  return { from, seq, value };
}

function check({ items, refused }: PlannedFeed, outcome: Outcome): string[] {
  const letters = refused.map(({ payload }) => refusedText(payload));
  const split: Item[] = [];
  const reduced = new Map<string, Reduced>();
  for (const { item } of items) {
    const { trap, from, seq, value } = item;
    if (trap === "read") letters.push(trappedText("map", item));
    // A key that can't be had fails in the source's stage, and for all that is behind it.
    else if (trap === "select") letters.push(trappedText("keyBy", item));
    else {
      reduced.set(from, { from, seq, value: (reduced.get(from)?.value ?? 0) + value, trap });
      if (trap === "split") letters.push(trappedText("split", item));
      else if (trap === "row" && value % 2 === 1) letters.push(trappedText("odd-rows", item));
      else split.push(item);
    }
  }
  const seen = split.map(seenOf);
  const byKey = Map.groupBy(split, ({ key }) => key);
  const counts = Array.from(byKey, ([key, own]) => ({ key, n: own.length }));
  const odds = seen.filter(({ value }) => value % 2 === 1).map(({ trap: _, ...row }) => row);
  const allNines = seen.filter(({ value }) => value === 9);
  return [
    ...letterDifferences(outcome, letters),
    ...rowDifferences(outcome, "counts", counts),
    ...streamDifferences(
      outcome,
      "even",
      seen.filter(({ value }) => value % 2 === 0),
    ),
    ...rowDifferences(outcome, "odd", odds),
    ...streamDifferences(outcome, "nines", allNines),
    ...rowDifferences(outcome, "nines", allNines),
    ...rowDifferences(outcome, "sums", Array.from(reduced.values(), sumOf)),
    ...stateDifferences(
      outcome,
      "sums/sums/reduced",
      Array.from(reduced, ([from, value]) => [from, undefined, value] as const),
    ),
    ...stateDifferences(
      outcome,
      "split/split/n",
      counts.map(({ key, n }) => [key, undefined, n]),
    ),
    ...stateDifferences(outcome, "split/split/last", lastNumbers(byKey)),
  ];
}
