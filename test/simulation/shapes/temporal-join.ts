import { kinesisSink } from "../../../runtime/connectors/index.ts";
import { defineJob, type JobDefinition, outputTag } from "../../../runtime/index.ts";
import { noteCodeRun, type Outcome, type Shape, stateKey } from "../shape.ts";
import { type Arrival, type Arrivals, arrivalsOf } from "./arrivals.ts";
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

/** An item with the version of its time; null where none holds. */
interface Rated {
  readonly key: string;
  readonly left: string;
  readonly version: string | null;
  readonly atMs: number;
  readonly versionMs: number | null;
}

const lateLeft = outputTag<Item>("late-left");
const jobs = versions(buildJob);

/** So many versions say that nothing holds from their time on. */
const isDeletion = ({ value }: Item): boolean => value > 7;

/** Items with the last version of their key up to their time, of which some are deletions. */
export const temporalJoin: Shape = {
  name: "temporal-join",
  plan(dice) {
    const keys = names("k", dice.between(5, 20));
    const feed = (stream: string) =>
      planFeed(dice, { stream, count: dice.between(105, 135), keys, traps: ["read"] });
    const [items, rates] = [feed("items"), feed("rates")];
    return {
      ...jobs(anyVariant(dice)),
      feed: interleave(dice, items.records, rates.records),
      check: (outcome) => check([takenOf(items, outcome), takenOf(rates, outcome)], outcome),
    };
  },
};

function buildJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "temporal-join",
    (env) => {
      const rates = readItems(env, "rates").keyBy(({ key }) => key);
      const rated = readItems(env, "items")
        .keyBy(({ key }) => key)
        .temporalJoin(rates, {
          uid: "rated",
          type: "left",
          deletes: isDeletion,
          leftLateOutput: lateLeft,
        })
        .apply((item, version, { key, timestampMs, versionMs }): Rated => {
          noteCodeRun();
          const [left, found] = [item.id, version?.id ?? null];
          return { key, left, version: found, atMs: timestampMs, versionMs: versionMs ?? null };
        });
      rated.sinkTo(kinesisSink({ stream: "rated", partitionKey: ({ key }) => key }), {
        uid: "told",
      });
      // Not those of the versions: whether one came too late to be seen nobody can tell who sees the results alone.
      rated
        .sideOutput(lateLeft)
        .sinkTo(kinesisSink({ stream: "late", partitionKey: ({ from }) => from }), { uid: "late" });
    },
    jobOptions(variant),
  );
}

function check(feeds: readonly PlannedFeed[], outcome: Outcome): string[] {
  const arrivals = arrivalsOf(feeds, outcome, {
    operator: "rated",
    lateStream: "late",
    always: { read: "map" },
  });
  const unneeded = arrivals.late.filter(({ item, watermarkMaxMs }) => item.atMs >= watermarkMaxMs);
  const rates = Map.groupBy(
    arrivals.taken.filter(({ item }) => item.id.startsWith("rates")),
    ({ item }) => item.key,
  );
  return [
    ...arrivals.wrong,
    ...told(
      "Called late without need:",
      unneeded.map(({ item }) => item.id),
    ),
    ...letterDifferences(outcome, arrivals.letters),
    ...ratedDifferences(arrivals, rates, outcome),
    ...stateDifferences(outcome, "rated/rated/left", []),
    ...versionDifferences(rates, outcome),
  ];
}

type Rates = ReadonlyMap<string, readonly Arrival[]>;

function ratedDifferences({ taken }: Arrivals, rates: Rates, outcome: Outcome): string[] {
  const found = appendedTo<Rated>(outcome, "rated");
  const items = taken.filter(({ item }) => item.id.startsWith("items"));
  const byId = new Map(items.map(({ item }) => [item.id, item]));
  const wrong = found.filter(({ key, left, version, atMs, versionMs }) => {
    const item = byId.get(left);
    if (item?.key !== key || item.atMs !== atMs) return true;
    return !mayHold(rates.get(key) ?? [], atMs).some(
      (rate) => (rate?.item.id ?? null) === version && (rate?.item.atMs ?? null) === versionMs,
    );
  });
  return [
    ...differences(
      "Stream rated",
      byId.keys(),
      found.map(({ left }) => left),
    ),
    ...told(
      "Rated by a version that does not hold then:",
      wrong.map(({ left, version }) => `${left} ${version}`),
    ),
  ];
}

/**
 * The versions that may be seen at a time: the last one up to it which surely came before the watermark, and those that hold since which may have
 * come too late to be seen.
 */
function mayHold(rates: readonly Arrival[], atMs: number): readonly (Arrival | undefined)[] {
  const upTo = rates.filter(({ item }) => item.atMs <= atMs);
  const sure = upTo.filter(({ item, watermarkMaxMs }) => watermarkMaxMs < item.atMs);
  const sureMs = Math.max(...sure.map(({ item }) => item.atMs));
  const seen = upTo.filter(({ item }) => item.atMs >= sureMs);
  const none = sure.length === 0 ? [undefined] : [];
  return [...none, ...seen.map((rate) => (isDeletion(rate.item) ? undefined : rate))];
}

/** At the end the last version of each key is kept, and no other; of several for one time it is the one that came last. */
function versionDifferences(rates: Rates, outcome: Outcome): string[] {
  const name = "rated/rated/right";
  const kept = outcome.state.get(name);
  const last = Array.from(rates, ([key, own]) => {
    const lastMs = Math.max(...own.map(({ item }) => item.atMs));
    const found = canonical(kept?.get(stateKey(key, lastMs)) ?? null);
    const versions = own
      .filter(({ item }) => item.atMs === lastMs)
      .map(({ item }) => (isDeletion(item) ? {} : { value: item }));
    const version = versions.find((one) => canonical(one) === found) ?? versions[0];
    return [key, lastMs, version] as const;
  });
  return stateDifferences(outcome, name, last);
}
