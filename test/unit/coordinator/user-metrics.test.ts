import { expect, test } from "vitest";
import { userMetricReports } from "../../../runtime/coordinator/user-metrics.ts";
import { defaultCoordinatorSettings } from "../../../runtime/coordinator/options.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import { serveJob, someClicks } from "../http/served-job.ts";

test("what functions count and measure is reported once a minute, by operator, and only where it is asked for", async () => {
  const served = await serveJob();
  try {
    const { ports, job } = served;
    const progress = await listProgress(ports, { job: "clicks", generation: 1 });
    const counted = (reportsUserMetrics: boolean, timesMs: readonly number[]) => {
      const told: (readonly [string, number, string])[] = [];
      const telemetry = {
        ...ports.telemetry,
        count: (name: string, value: number, dimensions: Readonly<Record<string, string>> = {}) =>
          void told.push([name, value, dimensions["operator"] ?? ""]),
      };
      const report = userMetricReports({
        job: { ...job, ports: { ...ports, telemetry } },
        deadlineMs: Number.POSITIVE_INFINITY,
        settings: { ...defaultCoordinatorSettings, reportsUserMetrics },
        invoker: { invoke: async () => undefined },
      });
      for (const nowMs of timesMs) report({ progress, nowMs });
      return told;
    };
    const once = counted(true, [1_000]);
    const taken = someClicks.length;
    expect(once).toContainEqual(["user.opened", expect.any(Number), "totals/totals"]);
    expect(once).toContainEqual(["user.totals.count", taken - 1, "totals/totals"]);
    expect(once.map(([name]) => name).toSorted()).toEqual([
      "user.highest",
      "user.opened",
      "user.seen",
      "user.totals.count",
      "user.totals.sum",
    ]);
    expect(counted(true, [1_000, 30_000, 61_000])).toEqual([...once, ...once]);
    expect(counted(false, [1_000, 61_000])).toEqual([]);
  } finally {
    await served.close();
  }
});
