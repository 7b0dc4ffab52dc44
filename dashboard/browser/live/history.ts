import type { JobSampleView } from "../../../http/schemas/history.ts";
import type { Measured } from "../chart/series.ts";

/** A page keeps so many samples; a chart has no room for more. */
const samplesMax = 1_200;
/** Samples that are nearer together say the same. */
const apartMs = 900;

/** Samples and newer ones, the oldest first; those that come again, or at once, are left out. */
export function joined(
  before: readonly JobSampleView[],
  after: readonly JobSampleView[],
): readonly JobSampleView[] {
  const all = [...before];
  for (const sample of after)
    if (sample.atMs - (all.at(-1)?.atMs ?? -Infinity) >= apartMs) all.push(sample);
  return all.length === before.length ? before : all.slice(-samplesMax);
}

/** Slots commit in bursts: a rate over less is none. */
const spanMs = 4_000;

/** By how much a sum grew per second, over the seconds before each sample. Over the begin of another generation nothing is known. */
export function growthOf(
  samples: readonly JobSampleView[],
  sumOf: (sample: JobSampleView) => number,
): readonly Measured[] {
  return samples.slice(1).map((sample, at) => {
    let from = at;
    while (isWithin(sample, samples[from - 1])) from -= 1;
    const before = samples[from]!;
    const grown = sumOf(sample) - sumOf(before);
    const isKnown = sample.generation === before.generation && grown >= 0;
    const perSecond = (grown / (sample.atMs - before.atMs)) * 1_000;
    return { atMs: sample.atMs, value: isKnown ? perSecond : undefined };
  });
}

const isWithin = (sample: JobSampleView, earlier: JobSampleView | undefined): boolean =>
  earlier?.generation === sample.generation && sample.atMs - earlier.atMs <= spanMs;
