import { describe, expect, test } from "vitest";
import type { ReadRequest, ReadResult, StreamReader } from "../../../runtime/ports/index.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { invocationTime } from "../../../runtime/slot/image/invocation-time.ts";
import { isEndOfStream, readFromCursor } from "../../../runtime/slot/self-read.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { plainVisits, someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const visits = someVisits(60, { users: 5 });
const byUser = (visit: Visit): string => visit.user;
const shardId = "shardId-000000000000";
const source = { stream: "visits", shardId };

/** A reader whose every read of a place comes after so many empty pages, each of which takes some time. */
function quietReader(world: SlotWorld, pages: number, pageMs = 200): StreamReader {
  const { reader } = world.ports;
  const left = new Map<string, number>();
  return {
    ...reader,
    read: async (request: ReadRequest): Promise<ReadResult> => {
      const place = JSON.stringify([request.stream, request.shardId, request.from]);
      const more = left.get(place) ?? pages;
      left.set(place, more === 0 ? pages : more - 1);
      if (more === 0) return await reader.read(request);
      world.clock.advance(pageMs);
      return { records: [], atTip: false, ended: false, next: request.from };
    },
  };
}

async function quietWorld(pages: number) {
  const world = await slotWorld(visitsJob(), { settings: { fenceSkewMs: 60_000 } });
  await world.put("visits", visits, byUser);
  const quiet = { ...world.ports, reader: quietReader(world, pages) };
  return { world, environment: world.environment(quiet) };
}

describe("a shard that answers empty pages", () => {
  test("is read on through fifty of them: the gap behind them is not lost", async () => {
    const { world, environment } = await quietWorld(50);
    const records = (await world.records("visits", shardId)).slice(50);
    expect(await processBatch(environment, { ...source, records })).toEqual({});
    await world.ports.admin.endStream("visits");
    const feed = driver({ world, pick: () => world.environment() });
    await feed.untilEnded(world.coordinator());
    expect(await rowsOf(world.ports, "counts")).toEqual(plainVisits(visits).counts);
  });

  test("gives its batch back where they don't end in time, and nothing is committed past the gap", async () => {
    const { world, environment } = await quietWorld(5_000);
    const records = (await world.records("visits", shardId)).slice(50);
    const { sequence } = records[0]!;
    expect(await processBatch(environment, { ...source, records })).toEqual({
      failedSequence: sequence,
    });
    expect(await world.records(world.exchange, shardId)).toEqual([]);
    const image = [...environment.images.values()].find(({ slot }) => slot.stream === "visits");
    expect(image?.meta.cursor).toEqual({});
  });

  test("is neither idle nor at its end when it is asked to look for itself", async () => {
    const { world, environment } = await quietWorld(5_000);
    expect(await processBatch(environment, { ...source, records: [] })).toEqual({});
    const [image] = environment.images.values();
    const limits = { maxRecords: 10, time: invocationTime({ remainingMs: () => 4_000 }) };
    const fromMs = world.clock.nowMs();
    expect(await readFromCursor(image!, limits)).toEqual({
      records: [],
      reachedTip: false,
      ended: false,
    });
    expect(image!.meta.source?.idle ?? false).toBe(false);
    // Half of what was left of the invocation, and no longer.
    expect(world.clock.nowMs() - fromMs).toBe(2_000);
  });

  test("is given back where its gap was found, and a later read of it has nothing yet", async () => {
    const { world } = await quietWorld(0);
    const { reader } = world.ports;
    const own: StreamReader = {
      ...reader,
      // The probe of one record finds the gap; the read of all of it meets empty pages.
      read: async (request) =>
        request.stream === "visits" && request.maxRecords > 1
          ? (world.clock.advance(500),
            { records: [], atTip: false, ended: false, next: request.from })
          : await reader.read(request),
    };
    const records = (await world.records("visits", shardId)).slice(50);
    const environment = world.environment({ ...world.ports, reader: own });
    const { failedSequence } = await processBatch(environment, { ...source, records });
    expect(failedSequence).toBe(records[0]!.sequence);
  });
});

describe("a list of shards that is older than a reshard", () => {
  /** A reader whose lists are those of the moment in which it was made, for so many calls. */
  async function oldLists(world: SlotWorld, stream: string, calls: number): Promise<StreamReader> {
    const { reader } = world.ports;
    const old = await reader.listShards(stream);
    let left = calls;
    return {
      ...reader,
      listShards: async (name) =>
        name === stream && left-- > 0 ? old : await reader.listShards(name),
    };
  }

  test("makes nobody pass over a child's batch: it is given back until the child is listed", async () => {
    const world = await slotWorld(visitsJob());
    await world.put("visits", visits.slice(0, 30), byUser);
    const reader = await oldLists(world, "visits", 1);
    await world.ports.admin.split("visits", shardId);
    await world.put("visits", visits.slice(30), byUser);
    const child = (await world.ports.reader.listShards("visits")).at(-1)!.shardId;
    const batch = {
      stream: "visits",
      shardId: child,
      records: await world.records("visits", child),
    };
    const environment = world.environment({ ...world.ports, reader });
    await expect(processBatch(environment, batch)).rejects.toMatchObject({
      code: "shard-unlisted",
      retryable: true,
    });
    expect(await processBatch(environment, batch)).toEqual({});
    await world.ports.admin.endStream("visits");
    const feed = driver({ world, pick: () => world.environment() });
    await feed.untilEnded(world.coordinator());
    expect(await rowsOf(world.ports, "counts")).toEqual(plainVisits(visits).counts);
  });

  test("does not let a split look like the end of the stream", async () => {
    const world = await slotWorld(visitsJob());
    await world.put("visits", visits.slice(0, 30), byUser);
    const environment = world.environment();
    const records = await world.records("visits", shardId);
    await processBatch(environment, { ...source, records });
    const reader = await oldLists(world, "visits", 100);
    await world.ports.admin.split("visits", shardId);
    const looking = world.environment({ ...world.ports, reader });
    await processBatch(looking, { ...source, records: [] });
    const image = [...looking.images.values()].find(({ slot }) => slot.stream === "visits")!;
    expect(image.meta.source?.ended).toBe(false);
  });

  test("is not believed where the read of the shard tells of children", async () => {
    const world = await slotWorld(visitsJob());
    await world.ports.admin.endStream("visits");
    const environment = world.environment();
    await processBatch(environment, { ...source, records: [] });
    const image = [...environment.images.values()].find(({ slot }) => slot.stream === "visits")!;
    const read = { records: [], reachedTip: true, ended: true };
    expect(await isEndOfStream(image, read)).toBe(true);
    expect(await isEndOfStream(image, { ...read, children: [] })).toBe(true);
    expect(await isEndOfStream(image, { ...read, children: ["shardId-000000000001"] })).toBe(false);
  });

  test("and leaves a part of the hash space out publishes no generation", async () => {
    const world = await slotWorld(visitsJob());
    const { ensureGeneration } = await import("../../../runtime/job/generation.ts");
    const { reader } = world.ports;
    const half: StreamReader = {
      ...reader,
      listShards: async (stream) => {
        const shards = await reader.listShards(stream);
        return stream === "visits" ? shards.slice(0, 0) : shards;
      },
    };
    const plan = { ...world.runtime.plan, job: "other" };
    const job = { ...world.runtime, plan, ports: { ...world.ports, reader: half } };
    await expect(ensureGeneration(job)).rejects.toMatchObject({
      code: "shards-incomplete",
      retryable: true,
    });
  });

  test("is no reason to seal a parent whose end is not told yet: the takeover waits for it", async () => {
    const world = await slotWorld(visitsJob());
    await world.put("visits", visits.slice(0, 30), byUser);
    await world.ports.admin.split("visits", shardId);
    const { reader } = world.ports;
    const openUntilMs = world.clock.nowMs() + 2_000;
    let reads = 0;
    const late: StreamReader = {
      ...reader,
      read: async (request) => {
        const read = await reader.read(request);
        if (request.shardId !== shardId || request.stream !== "visits") return read;
        reads += 1;
        return world.clock.nowMs() < openUntilMs ? { ...read, ended: false } : read;
      },
    };
    const child = (await reader.listShards("visits")).at(-1)!.shardId;
    const environment = world.environment({ ...world.ports, reader: late });
    expect(
      await processBatch(environment, { stream: "visits", shardId: child, records: [] }),
    ).toEqual({});
    expect(environment.events.takeovers).toBe(1);
    // A read every quarter of a second, not one after the other.
    expect(reads).toBeLessThan(20);
  });
});
