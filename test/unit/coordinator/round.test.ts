import { describe, expect, test } from "vitest";
import { readGeneration } from "../../../runtime/job/generation.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import { driver, slotWorld } from "../../integration/slot-world.ts";
import { someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const visits = someVisits(40, { users: 5 });
const shardId = "shardId-000000000000";
const byUser = (visit: Visit): string => visit.user;

async function quietWorld() {
  const world = await slotWorld(visitsJob());
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  const settle = async (round: () => Promise<unknown>) => {
    for (let rounds = 0; rounds < 6; rounds++) {
      while (await feed.pump());
      world.clock.advance(300);
      await round();
    }
    while (await feed.pump());
  };
  return { world, environment, feed, settle };
}

const pressureOf = async ({ ports }: Awaited<ReturnType<typeof slotWorld>>): Promise<number> => {
  const row = await ports.control.get({ partition: "visits#job", sort: "pressure" });
  return (row?.value as { exchangeLagMs: number } | undefined)?.exchangeLagMs ?? 0;
};

describe("a round of the coordinator", () => {
  test("puts no tick where nothing has changed", async () => {
    const { world, environment, settle } = await quietWorld();
    await world.put("visits", visits, byUser);
    const round = world.coordinator(() => environment);
    await settle(round);
    const before = await world.records(world.exchange, shardId);
    for (let rounds = 0; rounds < 5; rounds++) await round();
    expect(await world.records(world.exchange, shardId)).toHaveLength(before.length);
  });

  test("publishes the exchange's lag while its slots are behind, and takes it back once they have caught up", async () => {
    const { world, environment, settle } = await quietWorld();
    const round = world.coordinator(() => environment);
    await world.put("visits", visits, byUser);
    const records = await world.records("visits", shardId);
    await processBatch(environment, { stream: "visits", shardId, records });
    await round();
    world.clock.advance(12_000);
    await round();
    expect(await pressureOf(world)).toBeGreaterThan(10_000);
    await settle(round);
    expect(await pressureOf(world)).toBe(0);
  });

  test("does not slow the source of an exchange that is as late as the windows of its batches", async () => {
    const batchWindowMs = 15_000;
    const world = await slotWorld(visitsJob(), { settings: { batchWindowMs } });
    const environment = world.environment();
    const round = world.coordinator(() => environment);
    const feed = driver({ world, pick: () => environment });
    const startMs = world.clock.nowMs();
    for (let windows = 0; windows < visits.length; windows++) {
      await world.put("visits", visits.slice(windows, windows + 1), byUser);
      // Lambda hands over what it has gathered, and the coordinator's ticks wait for the next window.
      while (await feed.pump());
      for (let passedMs = 0; passedMs < batchWindowMs; passedMs += 1_000) {
        await round();
        world.clock.advance(1_000);
      }
    }
    // Whoever waits for the exchange moves the clock.
    expect(world.clock.nowMs() - startMs).toBe(visits.length * batchWindowMs);
  });

  test("slows the source where the exchange is behind by more than the windows of its batches", async () => {
    const batchWindowMs = 15_000;
    const world = await slotWorld(visitsJob(), { settings: { batchWindowMs } });
    const environment = world.environment();
    const round = world.coordinator(() => environment);
    await world.put("visits", visits, byUser);
    const [first, ...others] = await world.records("visits", shardId);
    await processBatch(environment, { stream: "visits", shardId, records: [first!] });
    for (let passedMs = 0; passedMs <= 41_000; passedMs += 1_000) {
      await round();
      world.clock.advance(1_000);
    }
    const startMs = world.clock.nowMs();
    await processBatch(environment, { stream: "visits", shardId, records: others });
    expect(world.clock.nowMs() - startMs).toBe(world.runtime.settings.backpressureWaitMaxMs);
  });

  test("by a new coordinator of a quiet job publishes no lag: nobody is behind", async () => {
    const { world, environment, settle } = await quietWorld();
    await world.put("visits", visits, byUser);
    await settle(world.coordinator(() => environment));
    const next = world.coordinator(() => environment);
    await settle(next);
    world.clock.advance(60_000);
    await next();
    expect(await pressureOf(world)).toBe(0);
  });

  test("ticks a new shard although no watermark rose: the tick is its fence", async () => {
    const { world, environment, settle, feed } = await quietWorld();
    const round = world.coordinator(() => environment);
    await world.put("visits", visits, byUser);
    await settle(round);
    await world.ports.admin.split(world.exchange, shardId);
    await settle(round);
    while (await feed.pump());
    const rows = await listProgress(world.ports, { job: "visits", generation: 1 });
    const children = rows.filter(({ slot, sealed }) => slot.startsWith("exchange/") && !sealed);
    expect(children).toHaveLength(2);
    for (const { shardId: child } of children)
      expect((await world.records(world.exchange, child)).length).toBeGreaterThan(0);
  });

  test("does not end a job whose only exchange shard was just taken over by shards that it hasn't listed yet", async () => {
    const { world, environment, feed } = await quietWorld();
    const round = world.coordinator(() => environment, 60_000);
    await world.put("visits", visits, byUser);
    while (await feed.pump());
    await round();
    while (await feed.pump());
    await world.ports.admin.endStream("visits");
    await processBatch(environment, { stream: "visits", shardId, records: [] });
    await world.ports.admin.split(world.exchange, shardId);
    for (const child of ["shardId-000000000001", "shardId-000000000002"])
      await processBatch(environment, { stream: world.exchange, shardId: child, records: [] });
    expect((await round()).ended).toBe(false);
    expect((await readGeneration(world.ports, "visits"))?.ended).toBe(false);
    await feed.untilEnded(round);
  });
});
