import { describe, expect, test } from "vitest";
import { publishPressure } from "../../../runtime/job/pressure.ts";
import {
  endGeneration,
  ensureGeneration,
  publishGeneration,
} from "../../../runtime/job/generation.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { createEnvironment } from "../../../runtime/slot/image/environment.ts";
import { sealEnvelope } from "../../../runtime/serde/envelope.ts";
import { driver, rowsOf, slotWorld } from "../../integration/slot-world.ts";
import { plainVisits, someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const visits = someVisits(60, { users: 5 });
const byUser = (visit: Visit): string => visit.user;
const shardId = "shardId-000000000000";
const source = { stream: "visits", shardId };

describe("a batch", () => {
  test("waits while the exchange is too far behind, for a bounded time, and is then processed", async () => {
    const world = await slotWorld(visitsJob());
    await world.put("visits", visits, byUser);
    const records = await world.records("visits", shardId);
    await publishPressure(world.ports, "visits", { exchangeLagMs: 60_000 });
    const startMs = world.clock.nowMs();
    expect(await processBatch(world.environment(), { ...source, records })).toEqual({});
    expect(world.clock.nowMs() - startMs).toBe(world.runtime.settings.backpressureWaitMaxMs);
    expect((await world.records(world.exchange, shardId)).length).toBeGreaterThan(0);
  });

  test("does not wait for a coordinator that is dead: what it said of the exchange expires", async () => {
    const world = await slotWorld(visitsJob());
    await world.put("visits", visits, byUser);
    const records = await world.records("visits", shardId);
    await publishPressure(world.ports, "visits", { exchangeLagMs: 60_000 });
    world.clock.advance(30_001);
    const startMs = world.clock.nowMs();
    await processBatch(world.environment(), { ...source, records });
    expect(world.clock.nowMs()).toBe(startMs);
  });

  test("does not wait while the exchange keeps up, nor where it is a batch of the exchange", async () => {
    const world = await slotWorld(visitsJob());
    await world.put("visits", visits, byUser);
    await publishPressure(world.ports, "visits", { exchangeLagMs: 9_000 });
    const startMs = world.clock.nowMs();
    const environment = world.environment();
    await processBatch(environment, { ...source, records: await world.records("visits", shardId) });
    await publishPressure(world.ports, "visits", { exchangeLagMs: 60_000 });
    const records = await world.records(world.exchange, shardId);
    await processBatch(environment, { stream: world.exchange, shardId, records });
    expect(world.clock.nowMs()).toBe(startMs);
  });

  test("of a job whose plan has changed is refused, and nothing is committed", async () => {
    const world = await slotWorld(visitsJob());
    await world.put("visits", visits, byUser);
    const plan = { ...world.runtime.plan, fingerprint: "another" };
    const changed = { ...world.runtime, plan };
    const records = await world.records("visits", shardId);
    const refused = expect.objectContaining({ code: "plan-changed", retryable: false });
    await expect(processBatch(createEnvironment(changed), { ...source, records })).rejects.toEqual(
      refused,
    );
    await expect(ensureGeneration(changed)).rejects.toEqual(refused);
    expect(await world.records(world.exchange, shardId)).toEqual([]);
  });

  test("with a frame or a tick of another plan of this generation stops before anything is applied", async () => {
    const world = await slotWorld(visitsJob());
    const tick = {
      job: "visits",
      generation: 1,
      plan: "newer",
      epoch: 0,
      clockMs: 1,
      watermarks: {},
    };
    const data = sealEnvelope("tick", tick, world.ports.compression);
    await world.ports.writer.put(world.exchange, [{ partitionKey: "t", data }]);
    const records = await world.records(world.exchange, shardId);
    const batch = { stream: world.exchange, shardId, records };
    await expect(processBatch(world.environment(), batch)).rejects.toMatchObject({
      code: "plan-other",
    });
  });

  test("of another life of the job is passed over, however often its stream was split and merged", async () => {
    const world = await slotWorld(visitsJob());
    const { ports, exchange, generation: after } = world;
    let merged = shardId;
    for (let times = 0; times < 8; times++) {
      await ports.admin.split(exchange, merged);
      const [left, right] = (await ports.reader.listShards(exchange)).slice(-2);
      await ports.admin.merge(exchange, left!.shardId, right!.shardId);
      merged = (await ports.reader.listShards(exchange)).at(-1)!.shardId;
    }
    const generation = { ...after, generation: after.generation + 1, slots: [] };
    expect(await publishGeneration(ports, "visits", { after, generation })).toBe(true);
    const loaded: string[] = [];
    const readAll: typeof ports.log.readAll = async (log) => {
      loaded.push(log.slot);
      return await ports.log.readAll(log);
    };
    const environment = world.environment({ ...ports, log: { ...ports.log, readAll } });
    const batch = { stream: exchange, shardId: merged, records: [] };
    expect(await processBatch(environment, batch)).toEqual({});
    const shards = await ports.reader.listShards(exchange);
    expect(loaded.sort()).toEqual(shards.map((shard) => `exchange/${shard.shardId}`).sort());
  });

  test("takes what lies between its cursor and the first record handed over", async () => {
    const settings = { selfReadMaxRecords: 7, fenceSkewMs: 60_000 };
    const world = await slotWorld(visitsJob(), { settings });
    await world.put("visits", visits, byUser);
    const environment = world.environment();
    const records = (await world.records("visits", shardId)).slice(50);
    await processBatch(environment, { ...source, records });
    expect(environment.events.selfReads).toBeGreaterThan(0);
    await world.ports.admin.endStream("visits");
    const feed = driver({ world, pick: () => environment });
    await feed.untilEnded(world.coordinator(() => environment));
    expect(await rowsOf(world.ports, "counts")).toEqual(plainVisits(visits).counts);
  });

  test("does not jump over the rest of a gap longer than one invocation reads", async () => {
    const settings = { selfReadMaxRecords: 1, fenceSkewMs: 60_000 };
    const world = await slotWorld(visitsJob(), { settings });
    await world.put("visits", visits, byUser);
    const environment = world.environment();
    let records = (await world.records("visits", shardId)).slice(-2);
    for (let attempt = 0; records.length > 0 && attempt < 5; attempt++) {
      const { failedSequence } = await processBatch(environment, { ...source, records });
      records =
        failedSequence === undefined
          ? []
          : records.filter(({ sequence }) => Number(sequence) >= Number(failedSequence));
    }
    expect(records).toEqual([]);
    await world.ports.admin.endStream("visits");
    const feed = driver({ world, pick: () => environment });
    await feed.untilEnded(world.coordinator(() => environment));
    expect(await rowsOf(world.ports, "counts")).toEqual(plainVisits(visits).counts);
  });

  test("of the exchange passes over any number of foreign records, with an alarm, and loses nothing behind them", async () => {
    const world = await slotWorld(visitsJob(), { settings: { selfReadMaxRecords: 2 } });
    for (let at = 0; at < 9; at++) await world.put(world.exchange, ["not an envelope"]);
    await world.put("visits", visits, byUser);
    const environment = world.environment();
    await processBatch(environment, { ...source, records: await world.records("visits", shardId) });
    await world.put(world.exchange, ["nor is this"]);
    // A mapping that was told to start late hands over the last record only.
    const records = (await world.records(world.exchange, shardId)).slice(-1);
    await processBatch(environment, { stream: world.exchange, shardId, records });
    expect(world.alarms.map(({ code }) => code)).toContain("exchange-record-foreign");
    await world.ports.admin.endStream("visits");
    await driver({ world, pick: () => environment }).untilEnded(
      world.coordinator(() => environment),
    );
    expect(await rowsOf(world.ports, "counts")).toEqual(plainVisits(visits).counts);
  });

  test("of a job that has ended changes nothing", async () => {
    const world = await slotWorld(visitsJob());
    await world.put("visits", visits, byUser);
    await endGeneration(world.ports, "visits", world.generation);
    const records = await world.records("visits", shardId);
    expect(await processBatch(world.environment(), { ...source, records })).toEqual({});
    expect(await world.records(world.exchange, shardId)).toEqual([]);
  });

  test("of a stream that the job doesn't read is refused by name", async () => {
    const world = await slotWorld(visitsJob());
    const batch = { stream: "other", shardId, records: [] };
    await expect(processBatch(world.environment(), batch)).rejects.toMatchObject({
      code: "stream-unknown",
    });
  });
});

describe("taking over from a parent", () => {
  test("works where the parent's last records change nothing", async () => {
    const world = await slotWorld(visitsJob());
    await world.put("visits", visits, byUser);
    const environment = world.environment();
    const feed = driver({ world, pick: () => environment });
    while (await feed.pump());
    for (let at = 0; at < 3; at++) {
      await world.put(world.exchange, ["foreign"]);
      // A new coordinator's first tick says what the one before it has said.
      await world.coordinator(() => environment)();
    }
    await world.ports.admin.split(world.exchange, shardId);
    await world.ports.admin.endStream("visits");
    await feed.untilEnded(world.coordinator(() => environment));
    expect(await rowsOf(world.ports, "totals")).toEqual(plainVisits(visits).totals);
  });
});
