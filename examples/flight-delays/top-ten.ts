export const dayMs = 86_400_000;

/** Delayed flights of an origin on a day (days since 1970). */
export interface OriginDay {
  readonly origin: string;
  readonly day: number;
  readonly delayed: number;
}

export interface RankedOrigin {
  readonly origin: string;
  readonly delayed: number;
}

export interface DayRanking {
  readonly day: number;
  readonly date: string;
  readonly top: readonly RankedOrigin[];
}

/** The ten origins with the most delayed flights; ties by code. */
export function rankDay(
  day: number,
  delayedByOrigin: Iterable<readonly [string, number]>,
): DayRanking {
  const origins = Array.from(delayedByOrigin, ([origin, delayed]) => ({ origin, delayed }));
  const top = origins
    .filter(({ delayed }) => delayed > 0)
    .toSorted(
      (left, right) => right.delayed - left.delayed || (left.origin < right.origin ? -1 : 1),
    )
    .slice(0, 10);
  return { day, date: new Date(day * dayMs).toISOString().slice(0, 10), top };
}
