import type { JobProgress } from "../runtime/observe/job-progress.ts";

/** Records per second over the last few samples: slots commit in bursts. */
export interface Rates {
  /** Records taken from sources. */
  readonly records: number;
  /** Elements received, by operator. */
  readonly operators: Readonly<Record<string, number>>;
}

const samplesMax = 7;

/** Makes a function that is given every sample, in order, and answers the rates up to it. */
export function rateMeter(first: JobProgress): (progress: JobProgress) => Rates {
  const samples = [first];
  return (progress) => {
    samples.push(progress);
    if (samples.length > samplesMax) samples.shift();
    const oldest = samples[0] ?? progress;
    const seconds = (progress.atMs - oldest.atMs) / 1_000;
    const rate = (now: number, before: number): number =>
      seconds > 0 ? Math.max(0, now - before) / seconds : 0;
    const before = new Map(oldest.operators.map(({ name, received }) => [name, received]));
    return {
      records: rate(progress.records, oldest.records),
      operators: Object.fromEntries(
        progress.operators.map(({ name, received }) => [
          name,
          rate(received, before.get(name) ?? 0),
        ]),
      ),
    };
  };
}
