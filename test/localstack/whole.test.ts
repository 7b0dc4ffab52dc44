import { afterAll, beforeAll, expect, test } from "vitest";
import { flightDelays } from "../conformance/apps/flight-delays.ts";
import { ordersDashboard } from "../conformance/apps/orders-dashboard.ts";
import { driveApp } from "../conformance/drive-app.ts";
import { reportLines } from "../conformance/report.ts";
import { localWorld } from "../conformance/worlds/local-world.ts";
import type { World } from "../conformance/worlds/world.ts";

const seed = Number(process.env["MILLRACE_SEED"] ?? 1);
const size = Number(process.env["MILLRACE_RECORDS"] ?? 100_000);
const secondsOfFeed = 100;

let world: World;

beforeAll(async () => {
  world = await localWorld({
    seed,
    faultFraction: 0.01,
    resetEveryMs: 30_000,
    killEveryMs: 4_000,
    killsMax: 30,
    ruleEveryMs: 15_000,
    redeliveryFraction: 0.1,
    maxEnvironments: 4,
  });
});
afterAll(() => world?.close());

test("kills, throttling, splits, merges, batches twice, a redeployment, a stop and a restore change no row", async () => {
  const startedMs = performance.now();
  const say = (line: string): void =>
    console.log(`${((performance.now() - startedMs) / 1_000).toFixed(1)} s  ${line}`);
  const drives = await Promise.all(
    [flightDelays(size), ordersDashboard(size)].map((app) =>
      driveApp({ world, app, rate: size / secondsOfFeed, timeoutMs: 300_000, say }),
    ),
  );
  console.log(reportLines(world, drives).join("\n"));
  for (const { job, differences } of drives)
    expect(differences, `${job}, seed ${seed}`).toEqual([]);
  expect(world.kills()).toBeGreaterThanOrEqual(20);
}, 1_800_000);
