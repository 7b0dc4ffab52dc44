import { setTimeout as wait } from "node:timers/promises";
import { deploymentError } from "../../runtime/errors/millrace-error.ts";

const unitMs: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/**
 * The pause of a schedule expression: `rate(1 minute)` is 60,000 ms.
 * @throws deployment error `schedule-not-understood`
 */
export function rateMs(expression: string): number {
  const [, count = "", unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? 0);
  if (ms > 0) return ms;
  throw deploymentError("schedule-not-understood", {
    message: `The rule's schedule is "${expression}".`,
    next: "A local deployment knows rates, for example rate(1 minute).",
  });
}

export interface ScheduleOptions {
  readonly everyMs: number;
  /** Starts an asynchronous invocation, as EventBridge does: it waits for no answer. */
  readonly start: () => void;
  readonly signal: AbortSignal;
}

/** Starts at once, although EventBridge may take a minute for its first time, and then at the rate. */
export async function runSchedule({ everyMs, start, signal }: ScheduleOptions): Promise<void> {
  while (!signal.aborted) {
    start();
    await wait(everyMs, undefined, { signal }).catch(() => {});
  }
}
