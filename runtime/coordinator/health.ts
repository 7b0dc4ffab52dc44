import { healthOf } from "../observe/health.ts";
import type { CoordinatorOptions } from "./options.ts";
import type { RoundView } from "./round.ts";

const reportEveryMs = 60_000;

/** Reports a job's health once a minute. */
export function healthReports({ job }: CoordinatorOptions) {
  let reportedMs = Number.NEGATIVE_INFINITY;
  return ({ progress, shards, generation, nowMs }: RoundView, exchangeLagMs: number): void => {
    if (nowMs - reportedMs < reportEveryMs) return;
    reportedMs = nowMs;
    const { ringSize } = generation;
    const health = healthOf({ progress, shards, ringSize, exchangeLagMs, nowMs });
    for (const [name, value] of Object.entries(health))
      job.ports.telemetry.count(name, value as number);
  };
}
