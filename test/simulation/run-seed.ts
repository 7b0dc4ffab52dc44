import { type FaultName, nothingSuppressed, type Suppression } from "./faults.ts";
import { outcomeOf } from "./outcome.ts";
import { textOf } from "./pool.ts";
import { dice } from "./random.ts";
import type { Mission } from "./operator.ts";
import { type Outcome, type Shape, takeCodeRuns, takeViolations } from "./shape.ts";
import { World } from "./world.ts";

export interface SeedOptions {
  readonly shape: Shape;
  readonly seed: number;
  readonly recordsMax?: number | undefined;
  readonly suppressed?: Suppression;
  /** Faults that occur whatever the seed says. */
  readonly forced?: ReadonlySet<FaultName>;
  readonly trace?: (line: string) => void;
  /** What the operator does, whatever the seed says. */
  readonly mission?: Mission;
  /** Told of what came out, where the job has ended. */
  readonly outcome?: (outcome: Outcome) => void;
}

/** What became of a seed. */
export interface SeedReport {
  readonly shape: string;
  readonly seed: number;
  /** What was wrong; empty where all is right. */
  readonly failures: readonly string[];
  /** It had enough events, slots and faults to mean something. */
  readonly counted: boolean;
  /** Of all that happened, in order. */
  readonly hash: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly figures: Readonly<Record<string, number>>;
  /** The firings of faults, by number. */
  readonly firings: readonly (readonly [number: number, name: FaultName])[];
}

const eventsMin = 200;
const slotsMin = 3;
const faultsMin = 3;
/** Kinds of what breaks a job's run, of {@link meetings}, that a seed has to meet. */
const meetingsMin = 2;

/** Runs one seed of a shape: makes the case, lets the job run to its end in a world of faults, and compares. */
export async function runSeed(options: SeedOptions): Promise<SeedReport> {
  const { shape, seed } = options;
  takeViolations();
  takeCodeRuns();
  const planned = shape.plan(dice(seed));
  const world = new World({
    seed,
    planned,
    recordsMax: options.recordsMax,
    suppressed: options.suppressed ?? nothingSuppressed,
    forced: options.forced ?? new Set(),
    trace: options.trace,
    mission: options.mission,
  });
  const failures = world.failures;
  try {
    await world.run();
    if (world.hasEnded && failures.length === 0 && options.recordsMax === undefined) {
      const outcome = await world.fromOutside(outcomeOf(world));
      options.outcome?.(outcome);
      failures.push(...planned.check(outcome));
    }
  } catch (thrown) {
    failures.push(`the simulation failed: ${textOf(thrown)}`);
  }
  failures.push(...takeViolations().slice(0, 20));
  world.close();
  return reportOf(options, world, planned.feed.length);
}

/** What breaks the even run of a job, and whether a world has met it. */
function meetings({ faults, traffic, watched, operator }: World) {
  const has = (...names: readonly FaultName[]): boolean =>
    names.some((name) => faults.fired.has(name));
  return {
    reshard: traffic.reshards > 0,
    epoch: watched.epochs.counts.complete > 0,
    restore: operator.restores > 0,
    crash: has("environment-crash", "coordinator-crash", "operator-crash"),
    zombie: has("environment-zombie", "coordinator-zombie"),
  };
}

/** What is seldom met together: the mean over many seeds is the share of those that did. */
function sharesOf(
  world: World,
  met: ReturnType<typeof meetings>,
): Readonly<Record<string, number>> {
  const { faults, mission, plan, operator } = world;
  const isLate = put(world, "late").length > 0;
  const merges = faults.fired.has("source-merge") || faults.fired.has("exchange-merge");
  const hasWindows = plan.stages.some(({ operators }) =>
    operators.some(({ kind }) => kind === "window"),
  );
  const share = (isSo: boolean): number => (isSo ? 1 : 0);
  return {
    "met nothing": share(!Object.values(met).some(Boolean)),
    "reshard, restore, zombie, late": share(met.reshard && met.restore && met.zombie && isLate),
    "merge, late": share(merges && isLate),
    "take-back, windows": share(mission === "take-back" && operator.restores > 0 && hasWindows),
    "withdrawn session": share(
      put(world, "firings").some((data) => Buffer.from(data).includes('"change":"delete"')),
    ),
  };
}

/** What a job has put into a stream, nothing where it has no such sink. */
function put({ plan, stores }: World, stream: string): readonly Uint8Array[] {
  if (!plan.sinks.some(({ target }) => target === stream)) return [];
  return stores.streams.shards(stream).flatMap(({ records }) => records.map(({ data }) => data));
}

function reportOf({ shape, seed }: SeedOptions, world: World, events: number): SeedReport {
  const { pool, faults, scheduler, leaders, watched, operator, traffic } = world;
  const generations = [...watched.generations.values()];
  const epochs = watched.epochs.counts;
  const sum = (figure: "commits" | "takeovers" | "seals" | "overwrites" | "unfinished"): number =>
    generations.reduce((all, invariants) => all + invariants.figures[figure], 0);
  const fired = [...faults.fired.values()].reduce((sum, count) => sum + count, 0);
  const slots = [...new Set(generations.flatMap(({ slotNames }) => slotNames))];
  const exchangeSlots = slots.filter((slot) => slot.startsWith("exchange/")).length;
  const met = meetings(world);
  const hasExchange = world.plan.stages.some(({ kind }) => kind === "exchange");
  return {
    shape: shape.name,
    seed,
    failures: [...world.failures],
    counted:
      Object.values(met).filter(Boolean).length >= meetingsMin &&
      events >= eventsMin &&
      slots.length - exchangeSlots >= slotsMin &&
      (!hasExchange || exchangeSlots >= slotsMin) &&
      fired >= faultsMin,
    hash: scheduler.hash >>> 0,
    faults: Object.fromEntries(faults.fired),
    firings: faults.firings,
    figures: {
      records: events,
      steps: scheduler.events,
      virtualSeconds: Math.round(scheduler.nowMs / 1_000),
      faults: fired,
      sourceSlots: slots.length - exchangeSlots,
      exchangeSlots,
      reshards: traffic.reshards,
      resharded: traffic.reshards > 0 ? 1 : 0,
      epochs: epochs.complete,
      withEpoch: epochs.complete > 0 ? 1 : 0,
      expiredEpochs: epochs.expired,
      inFlight: epochs.inFlight,
      deletions: epochs.deletions,
      restores: operator.restores,
      [`mission ${world.mission}`]: 1,
      commits: sum("commits"),
      takeovers: sum("takeovers"),
      seals: sum("seals"),
      overwrites: sum("overwrites"),
      unfinished: sum("unfinished"),
      withUnfinished: sum("unfinished") > 0 ? 1 : 0,
      lostRaces: pool.events.lostRaces,
      redeliveries: pool.events.redeliveries,
      loads: pool.events.loads,
      selfReads: pool.events.selfReads,
      parts: pool.events.parts,
      leaders: leaders.starts,
      ...sharesOf(world, met),
      ...Object.fromEntries([...world.alarms].map(([code, count]) => [`alarm ${code}`, count])),
    },
  };
}
