import type { Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { SlotEnvironment } from "./environment.ts";
import type { SlotSettings } from "./job-runtime.ts";

/** How far the exchange is behind, as the coordinator last saw it. */
export interface Pressure {
  /** Age of the oldest tick that an exchange slot has not applied yet, in milliseconds; 0 where all have. */
  readonly exchangeLagMs: number;
  /** When it was published, by the coordinator's clock; rows of earlier versions lack it, and count for nothing. */
  readonly atMs?: number;
}

const pressureKey = (job: string) => ({ partition: `${job}#job`, sort: "pressure" });
const pollMs = 100;
/** A coordinator publishes in every round while the lag lasts: what is older than this was left by one that died. */
const expiresAfterMs = 30_000;

export async function publishPressure(
  ports: Ports,
  job: string,
  { exchangeLagMs }: Pick<Pressure, "exchangeLagMs">,
): Promise<void> {
  const pressure: Pressure = { exchangeLagMs, atMs: ports.clock.nowMs() };
  await ports.control.put(
    { ...pressureKey(job), rank: 0, value: toControlValue(pressure) },
    { kind: "always" },
  );
}

/**
 * The lag from which on the exchange is behind (protocol 4.6). A tick that comes while a batch is gathered or under way waits for
 * the next one: up to two windows old, it is not late.
 */
export function exchangeLagLimitMs({ exchangeLagMaxMs, batchWindowMs }: SlotSettings): number {
  return exchangeLagMaxMs + 2 * batchWindowMs;
}

/** A source slot waits, for a bounded time, while the exchange is too far behind (protocol 4.6). */
export async function waitForExchange({ job, time }: SlotEnvironment): Promise<void> {
  const { ports, settings, plan } = job;
  // What is waited for must leave time for what is to be done then.
  const waitMaxMs = Math.min(settings.backpressureWaitMaxMs, time.remainingMs() / 4);
  for (let waitedMs = 0; waitedMs < waitMaxMs; waitedMs += pollMs) {
    const row = await ports.control.get(pressureKey(plan.job));
    const pressure = row === undefined ? undefined : fromControlValue<Pressure>(row);
    if (pressure === undefined || isExpired(pressure, ports.clock.nowMs())) return;
    if (pressure.exchangeLagMs <= exchangeLagLimitMs(settings)) return;
    await ports.clock.sleep(pollMs);
  }
}

/** Clocks differ: one that is far from the coordinator's knows nothing about now. */
function isExpired({ atMs }: Pressure, nowMs: number): boolean {
  return atMs === undefined || Math.abs(nowMs - atMs) > expiresAfterMs;
}
