import { describe, expect, test } from "vitest";
import { listManifests } from "../../../runtime/checkpoint/manifest.ts";
import { runCoordinator } from "../../../runtime/coordinator/coordinator.ts";
import { acquireLease } from "../../../runtime/coordinator/lease.ts";
import {
  type CoordinatorOptions,
  defaultCoordinatorSettings,
} from "../../../runtime/coordinator/options.ts";
import { checkpointing } from "../../../runtime/index.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { driver, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";
import { patienceMs } from "../../patience.ts";

const lifeMs = 297_000;
const byUser = (visit: Visit): string => visit.user;

/** A leader of the job that lives as long as Lambda lets it. */
function lead(world: SlotWorld, options: Partial<CoordinatorOptions> = {}) {
  return runCoordinator({
    job: world.runtime,
    settings: defaultCoordinatorSettings,
    deadlineMs: world.clock.nowMs() + lifeMs,
    invoker: { invoke: async () => {} },
    ...options,
  });
}

describe("garbage", () => {
  test("is collected, and `retain` holds, although no leader lives for an hour", async () => {
    const checkpoints = checkpointing({ interval: { minutes: 4 }, retain: 2 });
    const world = await slotWorld(visitsJob({ checkpoints }));
    const environment = world.environment();
    const settings = { ...defaultCoordinatorSettings, tickIntervalMs: 4_000, quietMs: lifeMs };
    await world.put("visits", someVisits(40, { users: 3 }), byUser);
    const feed = driver({ world, pick: () => environment });
    const invoker: CoordinatorOptions["invoker"] = {
      invoke: async (slot) => void (await processBatch(environment, { ...slot, records: [] })),
    };
    let most = 0;
    for (let leaders = 0; leaders < 80; leaders++) {
      while (await feed.pump());
      expect(await lead(world, { settings, invoker })).toBe("deadline");
      most = Math.max(most, (await listManifests(world.ports, "visits")).length);
    }
    // Between two collections, an hour apart, there are as many more as an hour has epochs.
    expect(most).toBeGreaterThan(5);
    expect(most).toBeLessThan(25);
  });

  test("does not stop the ticks while it is collected", async () => {
    const world = await slotWorld(visitsJob());
    const { objects } = world.ports;
    let collections = 0;
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const slow = {
      ...objects,
      list: async function* (prefix: string) {
        if (prefix === "visits/") collections += 1;
        await released;
        yield* objects.list(prefix);
      },
    };
    let renewals = 0;
    const control = {
      ...world.ports.control,
      put: async (...[row, condition]: Parameters<typeof world.ports.control.put>) => {
        if (row.sort === "lease" && collections > 0) renewals += 1;
        return await world.ports.control.put(row, condition);
      },
    };
    const settings = { ...defaultCoordinatorSettings, garbageEveryMs: 60_000, quietMs: lifeMs };
    const job = { ...world.runtime, ports: { ...world.ports, objects: slow, control } };
    const end = lead(world, { job, settings, isStopped: () => renewals >= 5 });
    await expect.poll(() => renewals, { timeout: patienceMs }).toBeGreaterThanOrEqual(5);
    release();
    expect(await end).toBe("stopped");
    expect(collections).toBe(1);
  });
});

describe("a direct invocation", () => {
  test("that lasts does not stop the leader, and is not started beside itself", async () => {
    const world = await slotWorld(visitsJob());
    await world.put("visits", someVisits(10, { users: 3 }), byUser);
    await world.ports.admin.endStream("visits");
    let started = 0;
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const startMs = world.clock.nowMs();
    const end = lead(world, {
      invoker: {
        invoke: async () => {
          started += 1;
          await released;
        },
      },
    });
    await expect
      .poll(() => world.clock.nowMs() - startMs, { timeout: patienceMs })
      .toBeGreaterThan(lifeMs / 2);
    release();
    await end;
    expect(started).toBe(1);
  });

  test("that only was taken down is wished for again where nothing has come of it", async () => {
    const world = await slotWorld(visitsJob());
    await world.ports.admin.endStream("visits");
    const atMs: number[] = [];
    await lead(world, {
      invoker: { invoke: async () => void atMs.push(world.clock.nowMs()) },
    });
    expect(atMs.length).toBeGreaterThan(1);
    const gapsMs = atMs.slice(1).map((ms, index) => ms - (atMs[index] as number));
    expect(Math.min(...gapsMs)).toBeGreaterThanOrEqual(defaultCoordinatorSettings.sourceQuietMs);
  });
});

describe("a standby", () => {
  /** Starts one beside a leader's lease; answers when it began to lead. */
  async function standby(world: SlotWorld) {
    let leadsMs: number | undefined;
    const end = await lead(world, {
      sourceControl: {
        check: async () => {
          leadsMs ??= world.clock.nowMs();
          return [];
        },
      },
    });
    return { end, leadsMs };
  }

  test("leads as soon as the lease of a leader that died has run out", async () => {
    const world = await slotWorld(visitsJob());
    const { leaseMs, standbyPollMs } = defaultCoordinatorSettings;
    const startMs = world.clock.nowMs();
    expect(await acquireLease(world.ports, "visits", leaseMs)).toBeDefined();
    const { leadsMs } = await standby(world);
    expect((leadsMs ?? Infinity) - startMs).toBeLessThanOrEqual(leaseMs + 2 * standbyPollMs);
  });

  test("follows a leader whose time is over within a second", async () => {
    const world = await slotWorld(visitsJob());
    const lease = (await acquireLease(world.ports, "visits", 10_000))!;
    const { clock } = world;
    let releasedMs = 0;
    const sleep: typeof clock.sleep = async (ms) => {
      await clock.sleep(ms);
      if (releasedMs > 0) return;
      if (clock.nowMs() > 1_020_000) {
        await lease.release();
        releasedMs = clock.nowMs();
      } else await lease.renew();
    };
    const job = { ...world.runtime, ports: { ...world.ports, clock: { ...clock, sleep } } };
    const { leadsMs } = await standby({ ...world, runtime: job });
    expect(releasedMs).toBeGreaterThan(0);
    expect((leadsMs ?? Infinity) - releasedMs).toBeLessThanOrEqual(1_000);
  });

  test("leaves with a leader that had nothing to do, and gives up behind the next start", async () => {
    const world = await slotWorld(visitsJob());
    const lease = (await acquireLease(world.ports, "visits", 10_000))!;
    const { clock } = world;
    const startMs = clock.nowMs();
    const renewing: typeof clock.sleep = async (ms) => {
      await clock.sleep(ms);
      await lease.renew();
    };
    const beside = (sleep: typeof clock.sleep) => ({
      ...world,
      runtime: { ...world.runtime, ports: { ...world.ports, clock: { ...clock, sleep } } },
    });
    expect(await standby(beside(renewing))).toEqual({ end: "led-by-another" });
    expect(clock.nowMs() - startMs).toBeGreaterThan(60_000);
    expect(clock.nowMs() - startMs).toBeLessThan(70_000);
    const leaving: typeof clock.sleep = async (ms) => {
      await clock.sleep(ms);
      await lease.release({ quiet: true });
    };
    expect(await standby(beside(leaving))).toEqual({ end: "led-by-another" });
    // Whoever is started later leads: there may be something to do again.
    expect((await standby(world)).leadsMs).toBeDefined();
  });
});
