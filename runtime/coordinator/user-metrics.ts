import type { MetricValue } from "../graph/metric-values.ts";
import { jobProgress } from "../observe/job-progress.ts";
import type { CoordinatorOptions } from "./options.ts";
import type { RoundView } from "./round.ts";

const reportEveryMs = 60_000;

/** Reports once a minute what functions of the job count and measure, as it stands over all slots. */
export function userMetricReports({ job, settings }: CoordinatorOptions) {
  const { telemetry } = job.ports;
  let reportedMs = Number.NEGATIVE_INFINITY;
  return ({ progress, nowMs }: Pick<RoundView, "progress" | "nowMs">): void => {
    if (!settings.reportsUserMetrics || nowMs - reportedMs < reportEveryMs) return;
    reportedMs = nowMs;
    for (const { name: operator, metrics = {} } of jobProgress(job.plan, progress, nowMs).operators)
      for (const [name, value] of Object.entries(metrics))
        for (const [part, number] of numbersOf(value))
          telemetry.count(`user.${name}${part}`, number, { operator });
  };
}

/** What a metric is as numbers, by what is put behind its name. */
function numbersOf(value: MetricValue): readonly (readonly [part: string, number: number])[] {
  if (value.kind === "gauge") return [["", value.value]];
  if (value.kind !== "histogram") return [["", value.count]];
  const count = value.counts.reduce((sum, some) => sum + some, 0);
  return [
    [".sum", value.sum],
    [".count", count],
  ];
}
