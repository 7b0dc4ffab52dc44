import type { Clock } from "../ports/environment.ts";

/** Resolves when a call may be made; calls of one place take their turns in the order in which they asked. */
export type ReadPace = (place: string) => Promise<void>;

/** Kinesis takes five calls a second of a shard, GetRecords and GetShardIterator each; the rest it refuses. */
const callsMax = 5;
const perMs = 1_000;
const maxKeptPlaces = 1_000;

/** Keeps the calls of a process to five in any second, for each place: a refused read would cost more than a wait. */
export function readPace(clock: Clock): ReadPace {
  /** When the last calls were made, or will be. */
  const calls = new Map<string, readonly number[]>();
  return async (place) => {
    const before = calls.get(place) ?? [];
    const nowMs = clock.nowMs();
    const atMs = Math.max(nowMs, (before.at(-callsMax) ?? Number.NEGATIVE_INFINITY) + perMs);
    // Deleted first, so that the place that was idle for longest goes first.
    calls.delete(place);
    calls.set(place, [...before.slice(1 - callsMax), atMs]);
    if (calls.size > maxKeptPlaces) calls.delete(calls.keys().next().value!);
    if (atMs > nowMs) await clock.sleep(atMs - nowMs);
  };
}
