import type { Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { JobRuntime } from "./job-runtime.ts";

/** How far the exchange is behind, as the coordinator last saw it. */
export interface Pressure {
  /** Age of the oldest tick that an exchange slot has not applied yet, in milliseconds; 0 where all have. */
  readonly exchangeLagMs: number;
}

const pressureKey = (job: string) => ({ partition: `${job}#job`, sort: "pressure" });
const pollMs = 100;

export async function publishPressure(
  ports: Ports,
  job: string,
  pressure: Pressure,
): Promise<void> {
  await ports.control.put(
    { ...pressureKey(job), rank: 0, value: toControlValue(pressure) },
    { kind: "always" },
  );
}

/** A source slot waits, for a bounded time, while the exchange is too far behind (protocol 4.6). */
export async function waitForExchange(job: JobRuntime): Promise<void> {
  const { ports, settings, plan } = job;
  for (let waitedMs = 0; waitedMs < settings.backpressureWaitMaxMs; waitedMs += pollMs) {
    const row = await ports.control.get(pressureKey(plan.job));
    const pressure = row === undefined ? undefined : fromControlValue<Pressure>(row);
    if ((pressure?.exchangeLagMs ?? 0) <= settings.exchangeLagMaxMs) return;
    await ports.clock.sleep(pollMs);
  }
}
