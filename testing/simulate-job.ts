import { jobError } from "../runtime/errors/millrace-error.ts";
import type { JobDefinition } from "../runtime/index.ts";
import { cold, compareResults, plainWay } from "./check-job.ts";
import { type FaultCounts, faults } from "./faulty-ports.ts";
import { type JobResults, runCut, type RunJobOptions } from "./run-job.ts";
import { seededRandom } from "./seeded-random.ts";
import { virtualClock } from "./virtual-clock.ts";

export interface SimulateJobOptions extends Omit<RunJobOptions, "shards" | "exchangeShards"> {
  /** How many worlds are tried: those of the seeds 1 to so many, at least one. Default: 20. */
  readonly seeds?: number;
  /** This world alone: the replay of one that failed. Default: all of `seeds`. */
  readonly seed?: number;
  /** Of calls to stores and streams, the share that fails: from 0 to 0.5. Default: 0.03. */
  readonly faultRate?: number;
}

/** What a job has gone through. */
export interface Simulation {
  /** Of a run without faults, which all worlds have given too. */
  readonly results: JobResults;
  readonly seeds: number;
  /** What failed on the way, over all worlds, by name. */
  readonly faults: FaultCounts;
}

const faultRateMax = 0.5;
const startMs = Date.UTC(2026, 0, 1);

/**
 * Runs a job in worlds of faults, and compares each with a run without: calls to stores fail, before they are done or behind it, batches come twice and to
 * environments that know nothing, input is cut into batches at random, over 1 to 3 shards of its sources and 1 to 5 of the exchange. A seed decides all of it, and time
 * passes only when nothing else can happen, so that a seed that fails does so again: the error says how to replay it.
 *
 * As for {@link checkJob} late elements have no place in its input. Functions of `mapAsync` must not wait for anything real: time would run past them.
 * @throws MillraceError `results-differ`, with the seed; `simulation-invalid`; what {@link runJob} throws
 */
export async function simulateJob(
  job: JobDefinition,
  options: SimulateJobOptions = {},
): Promise<Simulation> {
  const { seeds = 20, seed, faultRate = 0.03, ...given } = options;
  checkOptions(seeds, faultRate);
  const plain = { ...plainWay, clock: virtualClock(startMs), random: seededRandom(0) };
  const results = await runCut(job, { ...given, ...plainWay }, plain);
  const tried = seed === undefined ? Array.from({ length: seeds }, (_, at) => at + 1) : [seed];
  const sums: Record<string, number> = {};
  for (const one of tried) {
    const counts = await runWorld({ job, given, results, seed: one, faultRate });
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  }
  return { results, seeds: tried.length, faults: sums };
}

/** With no world there is nothing that could fail, and where all calls fail no run ends. */
function checkOptions(seeds: number, faultRate: number): void {
  const isCount = Number.isSafeInteger(seeds) && seeds >= 1;
  if (isCount && faultRate >= 0 && faultRate <= faultRateMax) return;
  throw jobError("simulation-invalid", {
    message: `A simulation has ${seeds} seeds and a faultRate of ${faultRate}.`,
    next: `Give it a whole number of seeds from 1, and a faultRate from 0 to ${faultRateMax}.`,
  });
}

interface WorldOf {
  readonly job: JobDefinition;
  readonly given: RunJobOptions;
  readonly results: JobResults;
  readonly seed: number;
  readonly faultRate: number;
}

async function runWorld(world: WorldOf): Promise<FaultCounts> {
  const { job, given, results, seed, faultRate } = world;
  const dice = seededRandom(seed, 1);
  const upTo = (max: number): number => 1 + Math.floor(dice.fraction() * max);
  const way = {
    shards: upTo(3),
    exchangeShards: upTo(5),
    batchSize: upTo(20),
    environments: upTo(3),
    stray: dice.fraction(),
    redeliver: dice.fraction() / 3,
    ...(dice.fraction() < 0.5 && { settings: cold }),
  };
  const thrown = faults(seededRandom(seed, 2), faultRate);
  const found = await runCut(
    job,
    { ...given, ...way },
    { ...way, clock: virtualClock(startMs), random: seededRandom(seed, 3), faults: thrown },
  );
  const replay = `Replay it with simulateJob(job, { …, seed: ${seed} })`;
  compareResults({ job, way: replay }, results, found);
  return thrown.counts();
}
