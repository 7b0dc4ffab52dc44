import { exchangeLagLimitMs, publishPressure } from "../job/pressure.ts";
import type { CoordinatorOptions } from "./options.ts";
import type { RoundView } from "./round.ts";

export interface LagMeter {
  /** A tick of this clock raised a watermark that slots of the exchange have not come to. */
  noteRaise(clockMs: number): void;
  /** Measures the lag, and tells the sources where it is worth it (protocol 4.6). Answers it in milliseconds. */
  publish(view: Pick<RoundView, "regions" | "nowMs">): Promise<number>;
}

/** Lag: the age of the oldest raising tick that a slot of the exchange has not applied. */
export function lagMeter({ job }: CoordinatorOptions): LagMeter {
  /** Clocks of raising ticks, ascending. */
  let raisingClocksMs: number[] = [];
  let publishedMs = 0;
  return {
    noteRaise: (clockMs) => {
      raisingClocksMs.push(clockMs);
    },
    publish: async ({ regions, nowMs }) => {
      const living = regions.exchange.slots.filter(({ sealed }) => !sealed);
      const appliedMs = Math.min(...living.map(({ tickClockMs }) => tickClockMs));
      raisingClocksMs = raisingClocksMs.filter((clockMs) => clockMs > appliedMs);
      const [oldest] = raisingClocksMs;
      const exchangeLagMs = oldest === undefined ? 0 : nowMs - oldest;
      const worthWritingMs = exchangeLagLimitMs(job.settings) / 2;
      const isWorthIt = exchangeLagMs > worthWritingMs || publishedMs > worthWritingMs;
      if (!isWorthIt || exchangeLagMs === publishedMs) return exchangeLagMs;
      await publishPressure(job.ports, job.plan.job, { exchangeLagMs });
      publishedMs = exchangeLagMs;
      return exchangeLagMs;
    },
  };
}
