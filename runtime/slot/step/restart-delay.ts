import type { RestartStrategy } from "../../graph/restart-strategy.ts";
import { msBetween } from "../../job/ms-between.ts";
import type { Random } from "../../ports/index.ts";

/** So many of the last failures a strategy looks at: more of them need not be kept. */
export function timesKept(strategy: RestartStrategy): number {
  return strategy.kind === "failure-rate" ? strategy.maxFailuresPerInterval + 1 : 1;
}

export interface Failures {
  /** Of the place, this one included. */
  readonly count: number;
  /** When the last of them were, this one included. */
  readonly times: readonly number[];
  readonly random: Random;
}

/** How long to wait before the next attempt; undefined: there is none. */
export function delayBefore(
  strategy: RestartStrategy,
  { count, times, random }: Failures,
): number | undefined {
  switch (strategy.kind) {
    case "none":
      return undefined;
    case "fixed-delay":
      return count > strategy.attempts ? undefined : strategy.delayMs;
    case "exponential-delay": {
      if (count > strategy.attempts) return undefined;
      const { initialBackoffMs, maxBackoffMs, backoffMultiplier, jitterFactor } = strategy;
      const backoffMs = Math.min(maxBackoffMs, initialBackoffMs * backoffMultiplier ** (count - 1));
      const jitter = jitterFactor * (2 * random.fraction() - 1);
      return Math.min(maxBackoffMs, Math.round(backoffMs * (1 + jitter)));
    }
    case "failure-rate": {
      const nowMs = times.at(-1) as number;
      const within = times.filter(
        (atMs) => msBetween(nowMs, atMs) <= strategy.failureRateIntervalMs,
      );
      return within.length > strategy.maxFailuresPerInterval ? undefined : strategy.delayMs;
    }
  }
}
