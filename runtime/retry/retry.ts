import type { Clock, Random } from "../ports/environment.ts";

export interface RetryPolicy {
  /** Tries in a row that come no further, before it is given up. */
  readonly triesMax: number;
  /** The first pause is at most this long; each further one up to twice as long as the one before. */
  readonly firstPauseMs: number;
  readonly pauseMaxMs: number;
}

/** What a try came to. "further": not all of it is done, but some, so that the count begins anew. */
export type Try = "done" | "further" | "failed";

/** What a round over many things came to, by how many were left before it and are left behind it. */
export function tryOf(before: number, left: number): Try {
  if (left === 0) return "done";
  return left < before ? "further" : "failed";
}

export interface RetryPorts {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Tries until it is done, and answers true; false once `triesMax` tries in a row came no further. What `work` throws is thrown at once:
 * it says itself which of its failures are worth another try.
 */
export async function retry(
  { clock, random }: RetryPorts,
  policy: RetryPolicy,
  work: () => Promise<Try>,
): Promise<boolean> {
  for (let failures = 0; ;) {
    const outcome = await work();
    if (outcome === "done") return true;
    failures = outcome === "further" ? 0 : failures + 1;
    if (failures === policy.triesMax) return false;
    await clock.sleep(pauseMs(policy, failures, random));
  }
}

/**
 * How long to wait after so many failures: anything up to a bound that doubles, so that those who failed together don't come back
 * together. This is full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function pauseMs(
  { firstPauseMs, pauseMaxMs }: Pick<RetryPolicy, "firstPauseMs" | "pauseMaxMs">,
  failures: number,
  random: Random,
): number {
  const boundMs = Math.min(pauseMaxMs, firstPauseMs * 2 ** Math.max(0, failures - 1));
  return Math.ceil(boundMs * random.fraction());
}
