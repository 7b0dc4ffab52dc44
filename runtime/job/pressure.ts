import { msBetween } from "./ms-between.ts";
import { rowKeys } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { SlotSettings } from "./job-runtime.ts";

/** How far the exchange is behind, as the coordinator last saw it. */
export interface Pressure {
  /** Age of the oldest tick that an exchange slot has not applied yet, in milliseconds; 0 where all have. */
  readonly exchangeLagMs: number;
  /** When it was published, by the coordinator's clock; rows of earlier versions lack it, and count for nothing. */
  readonly atMs?: number;
}

/** A coordinator publishes in every round while the lag lasts: what is older than this was left by one that died. */
const expiresAfterMs = 30_000;

export async function publishPressure(
  ports: Ports,
  job: string,
  { exchangeLagMs }: Pick<Pressure, "exchangeLagMs">,
): Promise<void> {
  const pressure: Pressure = { exchangeLagMs, atMs: ports.clock.nowMs() };
  await ports.control.put(
    { ...rowKeys.pressure(job), rank: 0, value: toControlValue(pressure) },
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

/** What the coordinator published last; undefined where that says nothing about now. */
export async function readPressure(
  ports: Pick<Ports, "control" | "clock">,
  job: string,
): Promise<Pressure | undefined> {
  const row = await ports.control.get(rowKeys.pressure(job));
  const pressure = row === undefined ? undefined : fromControlValue<Pressure>(row);
  return pressure === undefined || isExpired(pressure, ports.clock.nowMs()) ? undefined : pressure;
}

function isExpired({ atMs }: Pressure, nowMs: number): boolean {
  return atMs === undefined || msBetween(nowMs, atMs) > expiresAfterMs;
}
