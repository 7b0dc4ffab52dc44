import type { AggregateFunction } from "millrace";
import type { Flight } from "./flight.ts";

/** Flights by minute of delay: small, mergeable, and exact. */
export type DelayHistogram = Map<number, number>;

export interface DelayStatistics {
  readonly flights: number;
  readonly meanDelay: number;
  readonly maxDelay: number;
  /** Nearest rank: the smallest delay that at least 95 % of the flights don't exceed. */
  readonly p95Delay: number;
  /** Flights that were at least {@link delayedFromMinutes} late. */
  readonly delayed: number;
}

export const delayedFromMinutes = 15;

export const delayStatistics: AggregateFunction<Flight, DelayHistogram, DelayStatistics> = {
  create: () => new Map(),
  add: (histogram, { delay }) => histogram.set(delay, (histogram.get(delay) ?? 0) + 1),
  result: (histogram) => {
    const byDelay = [...histogram].toSorted(([left], [right]) => left - right);
    let flights = 0;
    let sum = 0;
    let delayed = 0;
    for (const [delay, count] of byDelay) {
      flights += count;
      sum += delay * count;
      if (delay >= delayedFromMinutes) delayed += count;
    }
    const rank = Math.ceil(flights * 0.95);
    let below = 0;
    const p95 = byDelay.find(([, count]) => (below += count) >= rank);
    return {
      flights,
      meanDelay: sum / flights,
      maxDelay: byDelay.at(-1)?.[0] ?? 0,
      p95Delay: p95?.[0] ?? 0,
      delayed,
    };
  },
};
