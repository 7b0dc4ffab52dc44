/** What a chart draws: times, and a value for each; null where none is known. */
export interface Series {
  /** Seconds, ascending, as the library that draws wants them. */
  readonly seconds: readonly number[];
  readonly values: readonly (number | null)[];
}

/** Between samples that are further apart nothing is known: the line breaks off. */
const brokenAfter = 3.5;
const brokenAfterMinMs = 15_000;

export interface Measured {
  readonly atMs: number;
  readonly value: number | undefined;
}

/** A series of measurements. A gap that is several times as long as most gets an empty place, so that no line leads over it. */
export function seriesOf(measured: readonly Measured[]): Series {
  const gaps = measured.slice(1).map(({ atMs }, at) => atMs - measured[at]!.atMs);
  const usual = gaps.toSorted((left, right) => left - right)[Math.floor(gaps.length / 2)] ?? 0;
  const seconds: number[] = [];
  const values: (number | null)[] = [];
  for (const [at, { atMs, value }] of measured.entries()) {
    const gap = gaps[at - 1] ?? 0;
    if (gap > Math.max(brokenAfter * usual, brokenAfterMinMs)) {
      seconds.push((atMs - gap + usual) / 1_000);
      values.push(null);
    }
    seconds.push(atMs / 1_000);
    values.push(value ?? null);
  }
  return { seconds, values };
}

/** What a series says in words, for those who don't see it. */
export function inWords({ values }: Series, shown: (value: number) => string): string {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return "nothing measured yet";
  return `now ${shown(last)}, at least ${shown(Math.min(...known))}, at most ${shown(Math.max(...known))}`;
}
