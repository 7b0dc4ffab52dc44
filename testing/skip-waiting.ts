import type { Clock, Ports } from "../runtime/ports/index.ts";
import { listProgress } from "../runtime/job/progress.ts";
import { ownerOfSlot } from "../runtime/job/slot-ref.ts";
import { exchangeSlots } from "../runtime/plan/plan.ts";

/** A clock that can be put forward. */
export interface SkippingClock extends Clock {
  skipTo(timeMs: number): void;
}

export function skippingClock(clock: Clock): SkippingClock {
  let aheadMs = 0;
  return {
    nowMs: () => clock.nowMs() + aheadMs,
    sleep: (durationMs) => clock.sleep(durationMs),
    skipTo(timeMs) {
      aheadMs = Math.max(aheadMs, timeMs - clock.nowMs());
    },
  };
}

const lookEveryMs = 20;
/** So many looks without a change: what is left waits for the clock. */
const quietLooks = 10;

/**
 * Puts the clock forward to the next processing-time timer whenever a job whose sources have ended waits for nothing else, so that a
 * timer a month ahead does not hold a test up for a month.
 */
export async function skipWaiting(
  clock: SkippingClock,
  { ports, job }: { readonly ports: Ports; readonly job: string },
  isDone: () => boolean,
): Promise<void> {
  let seen = "";
  let looks = 0;
  while (!isDone()) {
    await clock.sleep(lookEveryMs);
    const rows = (await listProgress(ports, { job, generation: 1 })).filter(
      ({ sealed }) => !sealed,
    );
    const versions = rows.map(({ slot, version }) => `${slot}:${version}`).join(",");
    looks = versions === seen ? looks + 1 : 0;
    seen = versions;
    const nextMs = Math.min(...rows.map((row) => row.nextTimerMs ?? Number.POSITIVE_INFINITY));
    const sourcesEnded = rows.every(
      ({ slot, ended }) => ended || ownerOfSlot(slot) === exchangeSlots,
    );
    if (sourcesEnded && looks >= quietLooks && Number.isFinite(nextMs)) clock.skipTo(nextMs);
  }
}
