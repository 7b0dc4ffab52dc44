import { expect, test } from "vitest";
import { jobStatus } from "../../../runtime/observe/job-status.ts";
import { statusLines } from "../../../cli/status-text.ts";
import type { Telemetry } from "../../../runtime/ports/index.ts";
import { driver, slotWorld } from "../../integration/slot-world.ts";
import { type Visit, visitsJob } from "../../integration/visits-job.ts";

test("late elements are measured, in all and by operator, and the status of the job has them", async () => {
  const counted: string[] = [];
  const telemetry: Telemetry = {
    alarm() {},
    log() {},
    count: (name, value, { operator = "all" } = {}) =>
      void (name === "lateElements" && counted.push(`${operator} ${value}`)),
  };
  const world = await slotWorld(visitsJob({ aligned: true }), { ports: { telemetry } });
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  const put = (...timesMs: number[]) =>
    world.put(
      "visits",
      timesMs.map((atMs): Visit => ({ user: "a", atMs })),
      ((visit: Visit) => visit.user) as never,
    );
  await put(1_000_000_000_000, 2_000_000_000_000);
  await feed.pump("visits");
  expect(counted).toEqual([]);
  await put(1_000, 2_000, 2_000_000_000_001);
  await feed.pump("visits");
  const byOperator = counted.filter((text) => !text.startsWith("all"));
  expect(counted).toEqual([...byOperator, `all ${2 * byOperator.length}`]);
  expect(byOperator).toContain("windows/windows 2");
  const lines = statusLines(await jobStatus(world.ports, "visits"));
  expect(lines.find((line) => line.includes("late elements"))).toContain("windows/windows 2");
});
