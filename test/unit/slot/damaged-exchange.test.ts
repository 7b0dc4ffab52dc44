import { describe, expect, test } from "vitest";
import { publishGeneration } from "../../../runtime/job/generation.ts";
import { packElements, type Tick } from "../../../runtime/exchange/frame.ts";
import type { StreamRecord } from "../../../runtime/ports/index.ts";
import { openEnvelope, sealEnvelope } from "../../../runtime/serde/envelope.ts";
import { packMessage } from "../../../runtime/serde/msgpack.ts";
import { startingProgress, writeProgress } from "../../../runtime/job/progress.ts";
import { slotOfShard } from "../../../runtime/job/slot-ref.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { plainVisits, someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const byUser = (visit: Visit): string => visit.user;
const shardId = "shardId-000000000000";
const corrupt = expect.objectContaining({ code: "format-corrupt" }) as Error;

/** A world in which the source has sent its visits, and the exchange has taken nothing yet. */
async function sentWorld(visits = someVisits(40, { users: 5 })) {
  const world = await slotWorld(visitsJob());
  await world.put("visits", visits, byUser);
  const environment = world.environment();
  const records = await world.records("visits", shardId);
  await processBatch(environment, { stream: "visits", shardId, records });
  await world.coordinator(() => environment)();
  const sent = await world.records(world.exchange, shardId);
  const take = async (handed: readonly StreamRecord[]) =>
    await processBatch(world.environment(), { stream: world.exchange, shardId, records: handed });
  return { world, sent, take };
}

async function versionOf({ ports, exchange }: SlotWorld): Promise<number> {
  const slot = `exchange/${shardId}`;
  const rows = await ports.log.readAll({ job: "visits", generation: 1, slot, ringSize: 512 });
  expect(exchange).toBeDefined();
  return rows.length;
}

const flipped = (data: Uint8Array, bit: number): Uint8Array =>
  Uint8Array.from(data).with(bit >> 3, (data[bit >> 3] as number) ^ (1 << (bit & 7)));

describe("a damaged record of the exchange", () => {
  test("stops its slot wherever a bit of it was flipped; nothing is committed, nothing passed over", async () => {
    const { world, sent, take } = await sentWorld();
    for (const [at, record] of sent.entries()) {
      // Every bit of the heads and checksums, and some of the rest: the formats' own test flips all.
      for (let bit = 0; bit < record.data.length * 8; bit += bit < 64 ? 1 : 997) {
        const data = flipped(record.data, bit);
        await expect(take(sent.with(at, { ...record, data })), `${at}, ${bit}`).rejects.toEqual(
          corrupt,
        );
      }
      for (const length of [2, 5, 9, record.data.length - 1]) {
        const data = record.data.subarray(0, length);
        await expect(take(sent.with(at, { ...record, data })), `${length}`).rejects.toEqual(
          corrupt,
        );
      }
    }
    expect(await versionOf(world)).toBe(0);
    await take(sent);
    expect(world.alarms).toEqual([]);
  });

  test("names its sequence number", async () => {
    const { sent, take } = await sentWorld();
    const [first] = sent;
    const record = { ...first!, data: flipped(first!.data, 99) };
    await expect(take([record])).rejects.toThrow(`Record ${record.sequence} of the exchange`);
  });

  test("that is an object stops its slot as well: 200 elements were once passed over as somebody else's", async () => {
    const visits = someVisits(200, { users: 2 }).map((visit, at) => ({
      ...visit,
      // What can't be compressed makes a frame too large for a record.
      noise: Array.from({ length: 1_500 }, (_, i) => Math.imul(at * 1_500 + i + 1, 0x9e3779b1)),
    }));
    const { world, sent, take } = await sentWorld(visits);
    const objects: string[] = [];
    for await (const key of world.ports.objects.list("visits/1/frames/")) objects.push(key);
    expect(objects).toHaveLength(1);
    const key = objects[0]!;
    const data = (await world.ports.objects.get(key))!;
    for (const bit of [3, 12, 17, 30, 40, 99, data.length * 8 - 1]) {
      await world.ports.objects.put(key, flipped(data, bit));
      await expect(take(sent), `${bit}`).rejects.toThrow(`Object "${key}"`);
      await expect(take(sent), `${bit}`).rejects.toEqual(corrupt);
    }
    await world.ports.objects.put(key, new Uint8Array());
    await expect(take(sent)).rejects.toEqual(corrupt);
    await world.ports.objects.put(key, data);
    await take(sent);
    const environment = world.environment();
    await world.ports.admin.endStream("visits");
    const round = world.coordinator(() => environment);
    await driver({ world, pick: () => environment }).untilEnded(round);
    expect(await rowsOf(world.ports, "counts")).toEqual(plainVisits(visits).counts);
  });

  test("that came before the generation was published holds up nobody: a restore helps", async () => {
    const { world, sent, take } = await sentWorld();
    const damaged = sent.map((record) => ({ ...record, data: flipped(record.data, 99) }));
    await expect(take(damaged)).rejects.toEqual(corrupt);
    world.clock.advance(1_000);
    const { generation: after, ports } = world;
    const number = after.generation + 1;
    const publishedMs = world.clock.nowMs();
    const slot = slotOfShard(world.runtime, world.exchange, shardId);
    const range = { firstHash: "0".repeat(32), lastHash: "f".repeat(32) };
    const start = startingProgress(slot, range, publishedMs);
    await writeProgress(ports, { job: "visits", generation: number }, start);
    const generation = { ...after, generation: number, publishedMs };
    expect(await publishGeneration(ports, "visits", { after, generation })).toBe(true);
    expect(await take(damaged)).toEqual({});
    expect(world.alarms.map(({ code }) => code)).toContain("exchange-record-foreign");
  });
});

describe("a frame or tick of another shape", () => {
  const ofJob = { job: "visits", generation: 1, epoch: 0 };
  const elements = packElements({ timestamps: [1], values: [{ user: "a", atMs: 1 }] });
  const block = { stage: "windows", group: 3, count: 1, elements };
  const frame = { ...ofJob, slot: "visits/x", version: 1, speaksFor: [[0, 1023]], blocks: [block] };
  const tick = { ...ofJob, clockMs: 5, watermarks: { windows: { ms: 3, idle: false } } };
  const without = (message: object, field: string): object =>
    Object.fromEntries(Object.entries(message).filter(([name]) => name !== field));
  const shapes: readonly (readonly ["frame" | "tick" | "framePointer", string, unknown])[] = [
    ...Object.keys(frame)
      .filter((field) => field !== "job" && field !== "generation")
      .map((field) => ["frame", field, without(frame, field)] as const),
    ...Object.keys(tick)
      .filter((field) => field !== "job" && field !== "generation")
      .map((field) => ["tick", field, without(tick, field)] as const),
    ["frame", "job", without(frame, "job")],
    ["tick", "generation", without(tick, "generation")],
    ["tick", "job", null],
    ["tick", "epoch", { ...tick, epoch: 1.5 }],
    ["tick", "closed", { ...tick, closed: "1" }],
    ["tick", "watermarks", { ...tick, watermarks: { windows: { ms: Number.NaN, idle: false } } }],
    ["tick", "watermarks", { ...tick, watermarks: { windows: { ms: 3 } } }],
    ["frame", "version", { ...frame, version: -1 }],
    ["frame", "speaksFor", { ...frame, speaksFor: [[5, 2]] }],
    ["frame", "blocks", { ...frame, blocks: [{ ...block, count: -1 }] }],
    ["frame", "blocks", { ...frame, blocks: [{ ...block, elements: [1] }] }],
    ["frame", "elements", { ...frame, blocks: [{ ...block, count: 2 }] }],
    [
      "frame",
      "elements",
      { ...frame, blocks: [{ ...block, elements: packMessage([[1, 2], [3]]) }] },
    ],
    [
      "frame",
      "elements",
      { ...frame, blocks: [{ ...block, elements: packMessage([["1"], [3]]) }] },
    ],
    ["frame", "elements", { ...frame, blocks: [{ ...block, elements: Uint8Array.of(0xc1) }] }],
    ["framePointer", "objectKey", { ...ofJob, objectKey: 7 }],
  ];

  test.each(shapes)(
    "a %s whose %s is wrong stops the slot before anything is committed",
    async (kind, field, content) => {
      const world = await slotWorld(visitsJob());
      const plan = world.runtime.plan.fingerprint;
      const message =
        field === "plan" || content === null ? content : { plan, ...(content as object) };
      const data = sealEnvelope(kind, message, world.ports.compression);
      await world.ports.writer.put(world.exchange, [{ partitionKey: "t", data }]);
      const records = await world.records(world.exchange, shardId);
      const batch = { stream: world.exchange, shardId, records };
      await expect(processBatch(world.environment(), batch)).rejects.toEqual(corrupt);
      await expect(processBatch(world.environment(), batch)).rejects.toThrow(field);
      expect(await versionOf(world)).toBe(0);
    },
  );

  test("that is of another job or generation is passed over, whatever it looks like", async () => {
    const world = await slotWorld(visitsJob());
    const foreign = [
      { kind: "tick", message: { ...ofJob, job: "other" } },
      { kind: "frame", message: { ...ofJob, generation: 7 } },
      {
        kind: "framePointer",
        message: { ...ofJob, generation: 7, objectKey: "visits/7/frames/x" },
      },
      { kind: "framePointer", message: { ...ofJob, job: "other", objectKey: "other/1/frames/x" } },
    ] as const;
    for (const { kind, message } of foreign) {
      const data = sealEnvelope(kind, message, world.ports.compression);
      await world.ports.writer.put(world.exchange, [{ partitionKey: "t", data }]);
    }
    const records = await world.records(world.exchange, shardId);
    const batch = { stream: world.exchange, shardId, records };
    expect(await processBatch(world.environment(), batch)).toEqual({});
  });

  test("as the coordinator sends it is taken", async () => {
    const { world, sent, take } = await sentWorld();
    const last = openEnvelope("tick", sent.at(-1)!.data, world.ports.compression) as Tick;
    expect(last.epoch).toBeGreaterThanOrEqual(0);
    expect(await take(sent)).toEqual({});
    expect(await versionOf(world)).toBeGreaterThan(0);
  });
});
