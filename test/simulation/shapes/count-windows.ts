import { kinesisSink } from "../../../runtime/connectors/index.ts";
import { defineJob, type JobDefinition } from "../../../runtime/index.ts";
import type { Outcome, Shape } from "../shape.ts";
import {
  appendedTo,
  differences,
  letterDifferences,
  listed,
  refusedText,
  told,
  trappedText,
} from "./compare.ts";
import { planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { collecting } from "./firing.ts";
import type { Item } from "./item.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, type JobVariant, versions } from "./variants.ts";

interface CountVariant extends JobVariant {
  readonly size: number;
}

/** A batch of so many items of a key, in the order in which they came. */
interface Batch {
  readonly key: string;
  readonly ids: readonly string[];
  readonly sum: number;
}

const jobs = versions(({ size, ...variant }: CountVariant) => countWindows(size, variant));

function countWindows(size: number, variant: JobVariant): JobDefinition {
  return defineJob(
    "count-windows",
    (env) => {
      readItems(env, "items")
        .keyBy((item) => item.key)
        .countWindow({ size, uid: "counted" })
        .aggregate(collecting, ({ ids, sum }, { key }): Batch => ({ key, ids, sum }))
        .sinkTo(kinesisSink({ stream: "batches", partitionKey: ({ key }) => key }), {
          uid: "batches",
        });
    },
    jobOptions(variant),
  );
}

/** Windows that count: each item is in one batch of the size, or among those that are left. */
export const countWindow: Shape = {
  name: "count-windows",
  plan(dice) {
    const variant: CountVariant = { ...anyVariant(dice), size: dice.pick([2, 3, 5]) };
    const planned = planFeed(dice, { stream: "items", traps: ["read", "add"] });
    return {
      ...jobs(variant),
      feed: planned.records,
      check: (outcome) => check(takenOf(planned, outcome), outcome, variant.size),
    };
  },
};

function check({ items, refused }: PlannedFeed, outcome: Outcome, size: number): string[] {
  const letters = refused.map(({ payload }) => refusedText(payload));
  const counted = new Map<string, Item[]>();
  for (const { item } of items) {
    if (item.trap === "read") letters.push(trappedText("map", item));
    else if (item.trap === "add") letters.push(trappedText("counted", item));
    else counted.set(item.key, [...(counted.get(item.key) ?? []), item]);
  }
  const batches = appendedTo<Batch>(outcome, "batches");
  return [
    ...letterDifferences(outcome, letters),
    ...batchDifferences(batches, counted, size),
    ...restDifferences(outcome, counted, { batches, size }),
  ];
}

function batchDifferences(
  batches: readonly Batch[],
  counted: ReadonlyMap<string, readonly Item[]>,
  size: number,
): string[] {
  const sumOf = (ids: readonly string[], own: readonly Item[]) =>
    own.reduce((sum, { id, value }) => sum + (ids.includes(id) ? value : 0), 0);
  const odd = batches.filter(
    ({ key, ids, sum }) => ids.length !== size || sum !== sumOf(ids, counted.get(key) ?? []),
  );
  return told(
    `Batches that are not of ${size} items of their key, or have another sum:`,
    odd.map(({ key, ids, sum }) => `${key} ${listed(ids)} of ${sum}`),
  );
}

/** What no batch holds is kept, and is less than a batch; nothing is kept of a key whose batches hold all. */
function restDifferences(
  { state }: Outcome,
  counted: ReadonlyMap<string, readonly Item[]>,
  { batches, size }: { readonly batches: readonly Batch[]; readonly size: number },
): string[] {
  const kept = [...(state.get("counted/counted/windows")?.values() ?? [])] as {
    readonly accumulator: { readonly ids: readonly string[] };
    readonly trigger: number;
  }[];
  const wrong = kept.filter(
    ({ accumulator: { ids }, trigger }) => ids.length >= size || trigger !== ids.length,
  );
  const all = [...counted.values()].flat().map(({ id }) => id);
  return [
    ...told(
      "Windows are kept with",
      wrong.map(({ accumulator: { ids }, trigger }) => `${listed(ids)}, counted ${trigger}`),
    ),
    ...differences("The batches and what is left", all, [
      ...batches.flatMap(({ ids }) => ids),
      ...kept.flatMap(({ accumulator: { ids } }) => ids),
    ]),
    ...differences(
      "The timers of count windows",
      [],
      state.get("counted/counted/timers")?.keys() ?? [],
    ),
  ];
}
