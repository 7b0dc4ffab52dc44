import { dynamodbSink } from "../../../runtime/connectors/index.ts";
import { defineJob, type JobDefinition } from "../../../runtime/index.ts";
import { noteCodeRun, type Outcome, type Shape, stateKey } from "../shape.ts";
import {
  canonical,
  differences,
  letterDifferences,
  refusedText,
  stateDifferences,
  told,
  trappedText,
} from "./compare.ts";
import { interleave, names, planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import type { Item } from "./item.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, type JobVariant, versions } from "./variants.ts";

/** A combination of items of one key; "-" where there is none. */
interface Combination {
  readonly key: string;
  /** The two of which all are kept. */
  readonly pair: string;
  readonly right: string;
}

const jobs = versions(buildJob);

/** Items of three streams under one key: all of the first two, and the last one of the third where there is one. */
export const multiJoin: Shape = {
  name: "multi-join",
  plan(dice) {
    const keys = names("k", dice.between(20, 40));
    const feed = (stream: string) =>
      planFeed(dice, { stream, count: dice.between(70, 80), keys, traps: ["read"] });
    const feeds = [feed("lefts"), feed("middles"), feed("rights")] as const;
    const [lefts, middles, rights] = feeds;
    return {
      ...jobs(anyVariant(dice)),
      feed: interleave(dice, interleave(dice, lefts.records, middles.records), rights.records),
      check: (outcome) =>
        check(
          feeds.map((one) => takenOf(one, outcome)),
          outcome,
        ),
    };
  },
};

function buildJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "multi-join",
    (env) => {
      const byKey = (stream: string) => readItems(env, stream).keyBy(({ key }) => key);
      byKey("lefts")
        .multiJoin(
          {
            middle: { stream: byKey("middles"), keeps: "all" },
            right: { stream: byKey("rights"), type: "left" },
          },
          { uid: "joined", keeps: "all" },
        )
        .apply((left, { middle, right }): Combination => {
          noteCodeRun();
          return { key: left.key, pair: `${left.id} ${middle.id}`, right: right?.id ?? "-" };
        })
        .sinkTo(dynamodbSink({ table: "joined", key: ["pair", "right"] }), {
          uid: "rows",
        });
    },
    jobOptions(variant),
  );
}

function check(feeds: readonly PlannedFeed[], outcome: Outcome): string[] {
  const letters = feeds.flatMap(({ items, refused }) => [
    ...refused.map(({ payload }) => refusedText(payload)),
    ...items.flatMap(({ item }) => (item.trap === "read" ? [trappedText("map", item)] : [])),
  ]);
  const [lefts, middles, rights] = feeds.map(({ items }) =>
    Map.groupBy(
      items.map(({ item }) => item).filter(({ trap }) => trap !== "read"),
      ({ key }) => key,
    ),
  );
  const found = (outcome.tables.get("joined") ?? []) as never as readonly Combination[];
  const rightOf = new Map(found.map(({ key, right }) => [key, right]));
  const expected: Combination[] = [];
  for (const [key, own] of lefts!)
    for (const left of own)
      for (const middle of middles!.get(key) ?? []) {
        const right = rightOf.get(key) ?? "missing";
        expected.push({ key, pair: `${left.id} ${middle.id}`, right });
      }
  const strangers = [...rightOf].filter(([key, right]) => !mayBeLast(rights!.get(key), right));
  return [
    ...letterDifferences(outcome, letters),
    ...differences("Table joined", expected.map(canonical), found.map(canonical)),
    ...told(
      "Joined with what is not the last one:",
      strangers.map(([key, right]) => `${key} ${right}`),
    ),
    ...keptDifferences(outcome, "left", lefts!),
    ...keptDifferences(outcome, "middle", middles!),
    ...lastDifferences(outcome, rights!),
  ];
}

type Items = ReadonlyMap<string, readonly Item[]>;

/** All are kept, in whatever order they came. */
function keptDifferences({ state }: Outcome, name: string, items: Items): string[] {
  const kept = [...(state.get(`joined/joined/${name}`) ?? [])];
  const places = [...items].flatMap(([key, own]) => own.map((_, at) => stateKey(key, at)));
  const rows = [...items.values()].flat().map((item) => canonical([item, item.atMs]));
  return [
    ...differences(
      `The places of ${name}`,
      places,
      kept.map(([place]) => place),
    ),
    ...differences(
      `The rows of ${name}`,
      rows,
      kept.map(([, row]) => canonical(row)),
    ),
  ];
}

function lastDifferences(outcome: Outcome, items: Items): string[] {
  const kept = outcome.state.get("joined/joined/right");
  const expected = Array.from(items, ([key, own]) => {
    const found = canonical(kept?.get(stateKey(key, 0)) ?? null);
    const last = own.filter(({ id }) => mayBeLast(own, id)).map((item) => [item, item.atMs]);
    return [key, 0, last.find((row) => canonical(row) === found) ?? last[0]] as const;
  });
  return stateDifferences(outcome, "joined/joined/right", expected);
}

/** The last one that its producer put may be the last one of all; which of them is nobody knows. */
function mayBeLast(rights: readonly Item[] = [], right: string): boolean {
  if (rights.length === 0) return right === "-";
  const byProducer = Map.groupBy(rights, ({ from }) => from);
  return [...byProducer.values()].some((own) => own.at(-1)!.id === right);
}
