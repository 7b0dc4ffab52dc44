import { exchangeLagLimitMs, readPressure } from "../job/pressure.ts";
import type { SlotEnvironment } from "./image/environment.ts";

const pollMs = 100;

/** A source slot waits, for a bounded time, while the exchange is too far behind (protocol 4.6). */
export async function waitForExchange({ job, time }: SlotEnvironment): Promise<void> {
  const { ports, settings, plan } = job;
  // What is waited for must leave time for what is to be done then.
  const waitMaxMs = Math.min(settings.backpressureWaitMaxMs, time.remainingMs() / 4);
  for (let waitedMs = 0; waitedMs < waitMaxMs; waitedMs += pollMs) {
    const pressure = await readPressure(ports, plan.job);
    if (pressure === undefined || pressure.exchangeLagMs <= exchangeLagLimitMs(settings)) return;
    await ports.clock.sleep(pollMs);
  }
}
