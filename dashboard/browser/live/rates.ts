/** Sums that only grow, by name, as they stood at a moment. */
export interface Sample {
  readonly atMs: number;
  readonly totals: Readonly<Record<string, number>>;
}

/** Slots commit in bursts: over so long their rate is steady, and still follows what happens. */
const spanMs = 4_000;

/** The samples that rates are taken over, the oldest first, with one more. Where a sum fell another life of the job has begun, and the ones before are of no use. */
export function withSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last === undefined) return [next];
  if (next.atMs <= last.atMs) return samples;
  const hasFallen = Object.entries(last.totals).some(
    ([name, total]) => (next.totals[name] ?? total) < total,
  );
  if (hasFallen) return [next];
  const firstOfSpan = samples.findLastIndex(({ atMs }) => atMs <= next.atMs - spanMs);
  return [...samples.slice(Math.max(0, firstOfSpan)), next];
}

/** What came per second, by name; empty before the second sample. */
export function ratesOf(samples: readonly Sample[]): Readonly<Record<string, number>> {
  const [oldest] = samples;
  const newest = samples.at(-1);
  if (oldest === undefined || newest === undefined || newest === oldest) return {};
  const seconds = (newest.atMs - oldest.atMs) / 1_000;
  return Object.fromEntries(
    Object.entries(newest.totals).map(([name, total]) => [
      name,
      (total - (oldest.totals[name] ?? 0)) / seconds,
    ]),
  );
}
