import { describe, expect, test } from "vitest";
import { slotRows } from "../../../runtime/layout/names.ts";
import type { ControlRow, Ports } from "../../../runtime/ports/index.ts";
import { catchUp } from "../../../runtime/slot/catch-up.ts";
import type { SlotEnvironment } from "../../../runtime/slot/image/environment.ts";
import { emptyImage, loadImage, readRun } from "../../../runtime/slot/image/load-image.ts";
import type { SlotImage } from "../../../runtime/slot/image/slot-image.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { readProgress } from "../../../runtime/job/progress.ts";
import type { SlotMeta } from "../../../runtime/job/slot-meta.ts";
import { slotOfShard } from "../../../runtime/job/slot-ref.ts";
import { inheritMeta } from "../../../runtime/job/inherit-meta.ts";
import { takeOver } from "../../../runtime/slot/takeover.ts";
import { ensureRoom } from "../../../runtime/slot/commit/write-part.ts";
import { slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const visits = someVisits(60, { users: 5 });
const byUser = (visit: Visit): string => visit.user;
const shardId = "shardId-000000000000";
const place = { job: "visits", generation: 1, slot: `visits/${shardId}` };

async function started() {
  const world = await slotWorld(visitsJob({ aligned: true }), { settings: { ringSize: 4 } });
  await world.put("visits", visits, byUser);
  return world;
}

async function take(world: SlotWorld, environment: SlotEnvironment, first: number, last: number) {
  const records = await world.records("visits", shardId);
  for (let at = first; at < last; at++)
    await processBatch(environment, {
      stream: "visits",
      shardId,
      records: records.slice(at, at + 1),
    });
}

const imageOf = (world: SlotWorld, environment: SlotEnvironment) =>
  catchUp(environment, world.generation, slotOfShard(world.runtime, "visits", shardId));

function emptyImageOf(world: SlotWorld, { job }: SlotEnvironment): SlotImage {
  const range = { firstHash: "0".repeat(32), lastHash: "f".repeat(32) };
  return emptyImage(job, world.generation, slotOfShard(job, "visits", shardId), range);
}

/** An environment that was answered with the progress row of before, once. */
function slowReader(world: SlotWorld, before: ControlRow | undefined): SlotEnvironment {
  let isSlow = true;
  const ports: Ports = {
    ...world.ports,
    control: {
      ...world.ports.control,
      get: async (key) => {
        const found = await world.ports.control.get(key);
        if (key.sort !== place.slot || !isSlow) return found;
        isSlow = false;
        return before;
      },
    },
  };
  return world.environment(ports);
}

const rowOf = ({ ports }: SlotWorld) =>
  ports.control.get({ partition: slotRows.progress("visits", 1), sort: place.slot });

test("whoever remembers a slot from before its first commit finds it although its log has gone round the ring since", async () => {
  const world = await started();
  const [early, busy] = [world.environment(), world.environment()];
  expect((await imageOf(world, early))?.meta.version).toBe(0);
  await take(world, busy, 0, 12);
  expect((await imageOf(world, early))?.meta.version).toBe(12);
});

describe("whoever loads a slot slowly", () => {
  test("finds it although its log has gone round the ring since the row was read", async () => {
    const world = await started();
    const environment = world.environment();
    const before = await rowOf(world);
    expect((await readProgress(world.ports, place))?.part).toBeUndefined();
    await take(world, environment, 0, 12);
    const image = await imageOf(world, slowReader(world, before));
    expect(image?.meta.version).toBe(12);
  });

  test("goes on from the newer part where the one that its row names has been collected", async () => {
    const world = await started();
    const environment = world.environment();
    await take(world, environment, 0, 6);
    const before = await rowOf(world);
    const { part } = (await readProgress(world.ports, place))!;
    await take(world, environment, 6, 12);
    await world.ports.objects.delete([part!.key]);
    expect((await imageOf(world, slowReader(world, before)))?.meta.version).toBe(12);
  });

  test("says so where the part is gone and nothing has taken its place", async () => {
    const world = await started();
    await take(world, world.environment(), 0, 6);
    const { part } = (await readProgress(world.ports, place))!;
    await world.ports.objects.delete([part!.key]);
    await expect(imageOf(world, world.environment())).rejects.toMatchObject({
      code: "part-missing",
      retryable: false,
    });
  });

  test("gives its batch back where the generation was replaced meanwhile", async () => {
    const world = await started();
    await take(world, world.environment(), 0, 6);
    const { part } = (await readProgress(world.ports, place))!;
    await world.ports.objects.delete([part!.key]);
    const row = (await world.ports.control.get({ partition: "visits#job", sort: "generation" }))!;
    const value = { ...(row.value as object), generation: 2 };
    await world.ports.control.put({ ...row, rank: 4, value }, { kind: "always" });
    await expect(imageOf(world, world.environment())).rejects.toMatchObject({
      code: "generation-replaced",
      retryable: true,
    });
  });
});

test("a part of the version that sealed a slot doesn't hide the seal", async () => {
  const world = await started();
  const environment = world.environment();
  await take(world, environment, 0, 3);
  await world.ports.admin.split("visits", shardId);
  const child = (await world.ports.reader.listShards("visits")).at(-1)!;
  await takeOver(
    environment,
    world.generation,
    slotOfShard(world.runtime, "visits", child.shardId),
  );
  const sealed = (await imageOf(world, environment))!;
  expect(sealed.sealed).toBe(true);
  // A full ring makes the slot write a part of the version that it is at.
  await ensureRoom(environment, sealed, sealed.meta.version + sealed.log.ringSize);
  const progress = await readProgress(world.ports, place);
  expect(progress?.part?.version).toBe(progress?.version);
  expect((await imageOf(world, world.environment()))?.sealed).toBe(true);
});

test("a child remembers the duplicates of both parents in order, since they are searched by halving", async () => {
  const world = await started();
  const image = (await imageOf(world, world.environment()))!;
  const meta = (seen: readonly number[]): SlotMeta => ({
    ...image.meta,
    duplicates: { "other/shard-00": { version: 7, seen: [...seen] } },
  });
  const { duplicates } = inheritMeta({ ...image, range: image.meta.range }, [
    meta([2, 9]),
    meta([1, 5, 9]),
  ]);
  expect(duplicates).toEqual({ "other/shard-00": { version: 7, seen: [1, 2, 5, 9] } });
});

// protocol 3.0: a read that takes as long as a lap of the ring can find newer rows in the places of older ones.
describe("what lies behind a hole in the log is not applied", () => {
  async function withHole(version: number) {
    const world = await slotWorld(visitsJob({ aligned: true }));
    await world.put("visits", visits, byUser);
    await take(world, world.environment(), 0, 5);
    const { log } = world.ports;
    const isThere = (row: { readonly version: number }) => row.version !== version;
    const ports: Ports = {
      ...world.ports,
      log: {
        ...log,
        read: async (...place) => (await log.read(...place)).filter(isThere),
        readAll: async (name) => (await log.readAll(name)).filter(isThere),
      },
    };
    return { world, ports };
  }

  test("where a slot is loaded", async () => {
    const { world, ports } = await withHole(3);
    const environment = world.environment(ports);
    const image = emptyImageOf(world, environment);
    const rows = await loadImage(environment, image, undefined);
    expect(rows?.map(({ row }) => row.version)).toEqual([1, 2]);
    expect(image.meta.version).toBe(2);
  });

  test("where it goes on from a version", async () => {
    const { world, ports } = await withHole(3);
    const image = emptyImageOf(world, world.environment(ports));
    const rows = await readRun(image, 2, 5);
    expect(rows.map(({ version }) => version)).toEqual([2]);
  });
});
