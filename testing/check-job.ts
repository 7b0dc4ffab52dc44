import { jobError } from "../runtime/errors/millrace-error.ts";
import { valueText } from "../runtime/errors/value-text.ts";
import type { JobDefinition } from "../runtime/index.ts";
import { canonicalJson } from "../runtime/planner/canonical-json.ts";
import { stateJson } from "../runtime/savepoints/state-json.ts";
import { type Cuts, type JobResults, runCut, type RunJobOptions } from "./run-job.ts";

/** One way to run a job: what its results must not depend on. */
export interface Way extends Cuts {
  readonly shards: number;
  readonly exchangeShards: number;
}

/** All in one batch, in one warm environment. */
export const plainWay: Way = { shards: 1, exchangeShards: 1, environments: 1, stray: 0 };

/** A step ends early, and no image outlives a batch of another slot: what is kept is read from its bytes again. */
export const cold = { imagesMax: 1, stepMaxWrites: 3, stepMaxSent: 3, partDeltaBytes: 1_000 };

const ways: readonly Way[] = [
  { shards: 1, exchangeShards: 3, batchSize: 1, environments: 1 },
  { shards: 1, exchangeShards: 2, batchSize: 7, environments: 3, stray: 0.7, redeliver: 0.3 },
  { shards: 1, exchangeShards: 1, batchSize: 3, environments: 2, stray: 0.7, settings: cold },
  { shards: 2, exchangeShards: 2, environments: 1 },
  { shards: 3, exchangeShards: 5, batchSize: 5, environments: 2, redeliver: 0.3, settings: cold },
];

/**
 * Runs a job over given input in several ways, and compares what comes out: batches of one element and of all, warm and cold environments,
 * batches that come twice, 1 to 3 shards of its sources, 1 to 5 of the exchange. Answers the results, which are the same in all ways: rows, and values of
 * streams and files in any order.
 *
 * A job whose input has late elements gives other results with other shards, and rightly so: which are late depends on what came before. Keep to the bound
 * of the watermarks, or look at late elements with {@link harness}.
 * @param options `shards` and `exchangeShards` have no part in it
 * @throws MillraceError `results-differ`, with the first difference and the way; what {@link runJob} throws
 */
export async function checkJob(
  job: JobDefinition,
  options: Omit<RunJobOptions, "shards" | "exchangeShards"> = {},
): Promise<JobResults> {
  const expected = await runCut(job, { ...options, ...plainWay }, plainWay);
  for (const way of ways) {
    const found = await runCut(job, { ...options, ...way }, way);
    compareResults({ job, way: `Run with ${JSON.stringify(way)}` }, expected, found);
  }
  return expected;
}

/** What a run is compared with another one for: who is told, and how it was run. */
export interface Compared {
  readonly job: JobDefinition;
  readonly way: string;
}

/** @throws MillraceError `results-differ` */
export function compareResults(compared: Compared, expected: JobResults, found: JobResults): void {
  for (const kind of ["tables", "streams", "files"] as const)
    for (const [name, values] of Object.entries(expected[kind]))
      compare(compared, `${kind.slice(0, -1)} "${name}"`, values, found[kind][name]);
  const letters = ({ deadLetters }: JobResults) =>
    deadLetters.map(({ kind, operator, reason }) => ({ kind, operator, reason }));
  compare(compared, "the dead letters", letters(expected), letters(found));
}

/** In any order: it is part of what may differ. */
function compare(
  { job, way }: Compared,
  place: string,
  expected: readonly unknown[],
  found: readonly unknown[] = [],
): void {
  const missing = without(expected, found);
  const more = without(found, expected);
  if (missing.length + more.length === 0) return;
  const told = [
    ...missing.slice(0, 1).map((text) => `${text} is missing`),
    ...more.slice(0, 1).map((text) => `${text} is more`),
  ].join(", and ");
  throw jobError("results-differ", {
    message: `Job "${job.name}" gives other results when its input is cut otherwise: in ${place} ${told}. ${way}.`,
    next: "Look for what a result depends on besides the elements of its key: state outside of the job, randomness, a clock, the order over keys, late elements.",
  });
}

const shownMax = 300;

/** Texts of the values that the other list has not, or not so often. */
function without(values: readonly unknown[], others: readonly unknown[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(textOf(other), (counts.get(textOf(other)) ?? 0) + 1);
  return values.flatMap((value) => {
    const text = textOf(value);
    const left = counts.get(text) ?? 0;
    counts.set(text, left - 1);
    return left > 0 ? [] : [valueText(value, shownMax).text];
  });
}

/** The same for the same value, whatever the order of its fields. */
const textOf = (value: unknown): string => canonicalJson(stateJson(value));
