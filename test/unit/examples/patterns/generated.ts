import { splitmix32 } from "../../../../examples/orders-dashboard/splitmix32.ts";

/** Elements in the order of their times, with pauses of up to so many ms between them; the same ones at each call. */
export function generated<T>(
  count: number,
  pauseMaxMs: number,
  make: (atMs: number, roll: (below: number) => number) => T,
): readonly T[] {
  const { below: roll } = splitmix32(count);
  let atMs = Date.UTC(2026, 2, 1);
  return Array.from({ length: count }, () => make((atMs += roll(pauseMaxMs)), roll));
}

/** What has one key, in order. */
export function grouped<T, K>(values: readonly T[], keyOf: (value: T) => K): ReadonlyMap<K, T[]> {
  return Map.groupBy(values, keyOf);
}
