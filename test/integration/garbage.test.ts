import { describe, expect, test } from "vitest";
import { readEpochs, writeEpochs } from "../../runtime/checkpoint/epochs.ts";
import { listManifests, putManifest, readManifest } from "../../runtime/checkpoint/manifest.ts";
import { checkpointing } from "../../runtime/index.ts";
import { objectNames, objectPrefixes, slotRows } from "../../runtime/layout/names.ts";
import {
  collectGarbage,
  deleteSavepoint,
  restore,
  verifySavepoint,
} from "../../runtime/savepoints/index.ts";
import { holdManifest } from "../../runtime/savepoints/hold.ts";
import { askForSavepoint } from "../../runtime/savepoints/requests.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { driver, rowsOf, type SlotWorld, slotWorld } from "./slot-world.ts";
import { plainVisits, type Visit, visitsJob } from "./visits-job.ts";

const visits = Array.from({ length: 2_400 }, (_, index): Visit => ({
  user: `u${index % 17}`,
  atMs: 1_000_000 + index * 10,
}));
const byUser = (visit: Visit): string => visit.user;
const checkpoints = checkpointing({ interval: { seconds: 1 }, timeout: { seconds: 10 } });
const options = { job: "visits", retain: 2, graceMs: 1_000, frameRetentionMs: 60_000 };

async function started() {
  const world = await slotWorld(visitsJob({ checkpoints, aligned: false }), {
    sourceShards: 2,
    exchangeShards: 2,
    settings: { ringSize: 8, inlineMaxBytes: 200 },
  });
  const environments = [world.environment(), world.environment()];
  let served = 0;
  const pick = () => environments[served++ % environments.length]!;
  const feed = driver({ world, pick, batchSize: () => 30 });
  let round = world.coordinator(pick);
  let fed = 0;
  return {
    world,
    feed,
    pick,
    environments,
    /** Some more records, and rounds enough for an epoch or two. */
    async goOn() {
      await world.put("visits", visits.slice(fed, fed + 100), byUser);
      fed += 100;
      for (let pumps = 0; pumps < 6; pumps++) {
        await feed.pump();
        world.clock.advance(400);
        await round();
      }
    },
    async goOnFrom(manifest: string) {
      await restore({ job: world.runtime, manifest });
      round = world.coordinator(pick, 0, (await readGeneration(world.ports, "visits"))!);
    },
    async end() {
      await world.put("visits", visits.slice(fed), byUser);
      await world.ports.admin.endStream("visits");
      await feed.untilEnded(round);
      expect({
        counts: await rowsOf(world.ports, "counts"),
        sessions: await rowsOf(world.ports, "sessions"),
        totals: await rowsOf(world.ports, "totals"),
      }).toEqual(plainVisits(visits));
    },
  };
}

async function objectsIn({ ports }: SlotWorld): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of ports.objects.list("")) keys.push(key);
  return keys.sort();
}

async function manifestsIn({ ports }: SlotWorld): Promise<readonly string[]> {
  const epochs = await listManifests(ports, "visits");
  return epochs
    .filter(({ status }) => status === "complete")
    .map(({ job, generation, epoch }) => objectNames.manifest(job, generation, epoch));
}

async function verifyAll(world: SlotWorld): Promise<void> {
  for (const key of await manifestsIn(world))
    await verifySavepoint(world.ports, key, await readManifest(world.ports.objects, key));
}

/** What is garbage goes with the second collection that finds it. */
async function collectTwice(world: SlotWorld): Promise<number> {
  const first = await collectGarbage(world.ports, options);
  world.clock.advance(2_000);
  const second = await collectGarbage(world.ports, options);
  return first.deleted.length + second.deleted.length;
}

describe("garbage collection", () => {
  test("keeps what rows, retained epochs and savepoints refer to; the job goes on and ends right", async () => {
    const { world, goOn, end } = await started();
    await askForSavepoint(world.ports, { job: "visits", id: "kept", kind: "savepoint" });
    for (let steps = 0; steps < 8; steps++) await goOn();
    const before = (await objectsIn(world)).length;
    expect(await collectTwice(world)).toBeGreaterThan(before / 4);
    expect((await manifestsIn(world)).length).toBe(3);
    await verifyAll(world);
    // Nothing is left to find but what has come since.
    world.clock.advance(2_000);
    expect((await collectGarbage(world.ports, options)).deleted).toEqual([]);
    await goOn();
    await end();
  });

  test("tells in a dry run what would go, why the rest is kept, and changes nothing", async () => {
    const { world, goOn } = await started();
    for (let steps = 0; steps < 6; steps++) await goOn();
    await collectGarbage(world.ports, options);
    world.clock.advance(2_000);
    const before = await objectsIn(world);
    const rows = await world.ports.control.list("visits#job");
    const told = await collectGarbage(world.ports, { ...options, dryRun: true });
    expect(await objectsIn(world)).toEqual(before);
    expect(await world.ports.control.list("visits#job")).toEqual(rows);
    expect(Object.keys(told.kept)).toEqual(
      expect.arrayContaining(["referred to", "a manifest or a tombstone"]),
    );
    const kept = Object.values(told.kept).reduce((sum, count) => sum + count, 0);
    expect(told.deleted.length + kept).toBe(before.length);
    const done = await collectGarbage(world.ports, options);
    expect(done.deleted).toEqual(told.deleted);
    expect(told.deleted.length).toBeGreaterThan(5);
  });

  test("gives up the epoch that was open when its generation was replaced: a leader from before can't complete it any more", async () => {
    const { world, goOn, goOnFrom, end } = await started();
    for (let steps = 0; steps < 4; steps++) await goOn();
    const manifest = (await manifestsIn(world)).at(-1)!;
    const { epoch } = await readManifest(world.ports.objects, manifest);
    const { epochs, ...read } = await readEpochs(world.ports, "visits", 1);
    const number = epoch + 1;
    const newest = { number, status: "open", openedMs: world.clock.nowMs() } as const;
    await writeEpochs(
      world.ports,
      { job: "visits", generation: 1 },
      { epochs, ...read },
      { ...epochs, newest },
    );
    await goOnFrom(manifest);
    await collectTwice(world);
    const late = await readManifest(world.ports.objects, manifest);
    expect(await putManifest(world.ports, { ...late, epoch: number })).toMatchObject({
      status: "expired",
      epoch: number,
      reason: "Generation 2 replaced its generation.",
    });
    expect((await readEpochs(world.ports, "visits", 1)).epochs.newest).toMatchObject({
      number,
      status: "expired",
    });
    await end();
  });

  test("keeps what the open epoch of a replaced generation refers to where its leader was faster", async () => {
    const { world, goOn, goOnFrom, end } = await started();
    for (let steps = 0; steps < 4; steps++) await goOn();
    const all = await manifestsIn(world);
    const { epochs, ...read } = await readEpochs(world.ports, "visits", 1);
    const { epoch: number } = await readManifest(world.ports.objects, all.at(-1)!);
    const newest = { ...epochs.newest!, number, status: "open" } as const;
    await writeEpochs(
      world.ports,
      { job: "visits", generation: 1 },
      { epochs, ...read },
      { ...epochs, newest },
    );
    await goOnFrom(all.at(-2)!);
    await collectTwice(world);
    expect(await manifestsIn(world)).toContain(all.at(-1));
    await verifyAll(world);
    expect((await readEpochs(world.ports, "visits", 1)).epochs.newest).toMatchObject({
      number,
      status: "complete",
    });
    await end();
  });

  test("takes what was found to be garbage only after its grace period", async () => {
    const { world, goOn } = await started();
    for (let steps = 0; steps < 4; steps++) await goOn();
    const patient = { ...options, retain: 1_000, graceMs: 5_000 };
    expect((await collectGarbage(world.ports, patient)).deleted).toEqual([]);
    world.clock.advance(4_999);
    expect((await collectGarbage(world.ports, patient)).deleted).toEqual([]);
    world.clock.advance(1);
    expect((await collectGarbage(world.ports, patient)).deleted.length).toBeGreaterThan(5);
  });

  test("keeps dead letters for ever, or for as long as it is told after it first saw them", async () => {
    const { world } = await started();
    const place = { job: "visits", generation: 1, slot: "visits/shardId-000000000000" };
    const letter = `${objectPrefixes.deadLetters(place)}1-0.jsonl`;
    await world.ports.objects.put(letter, new Uint8Array([1]));
    const collect = (more: object) => collectGarbage(world.ports, { ...options, ...more });
    const isThere = async () => (await world.ports.objects.get(letter)) !== undefined;
    const aYear = { deadLetterRetentionMs: 1_000_000 };
    await collect({});
    world.clock.advance(2_000_000);
    await collect({});
    // It is seen for the first time where it is not kept for ever.
    await collect(aYear);
    world.clock.advance(999_999);
    await collect(aYear);
    expect(await isThere()).toBe(true);
    world.clock.advance(1);
    const { deleted } = await collect(aYear);
    expect(deleted).toEqual([{ key: letter, reason: "a dead letter whose retention is over" }]);
    expect(await isThere()).toBe(false);
  });

  test("leaves what a restore prepares for the next generation, blocks in flight whose commit is still to come, and what a slot without a progress row has put", async () => {
    const { world, goOn } = await started();
    for (let steps = 0; steps < 4; steps++) await goOn();
    const [row] = await listProgress(world.ports, { job: "visits", generation: 1 });
    const { slot, version } = row!;
    const place = { job: "visits", generation: 1, slot, id: "of-the-test" };
    const prepared = objectNames.part({ ...place, generation: 2, version: 1 });
    const toCome = objectNames.inFlight({ ...place, version: version + 1 });
    const passed = objectNames.inFlight({ ...place, version });
    const begun = objectNames.body({ ...place, slot: "exchange/shard-new", version: 1 });
    const added = [prepared, toCome, passed, begun];
    for (const key of added) await world.ports.objects.put(key, new Uint8Array(1));
    for (let times = 0; times < 2; times++) await collectTwice(world);
    const left = await objectsIn(world);
    expect(left.filter((key) => added.includes(key))).toEqual([prepared, toCome, begun].sort());
  });

  test("leaves an epoch that somebody reads, for as long as the hold on it lasts", async () => {
    const { world, goOn } = await started();
    for (let steps = 0; steps < 3; steps++) await goOn();
    const [oldest] = await manifestsIn(world);
    const read = () => readManifest(world.ports.objects, oldest!);
    const manifest = await holdManifest(world.ports, oldest!, read);
    for (let steps = 0; steps < 5; steps++) await goOn();
    for (let times = 0; times < 3; times++) await collectTwice(world);
    await verifySavepoint(world.ports, oldest!, await read());
    world.clock.advance(3_600_000);
    await collectTwice(world);
    expect(await manifestsIn(world)).not.toContain(oldest);
    await expect(verifySavepoint(world.ports, oldest!, manifest)).rejects.toMatchObject({
      code: "manifest-missing",
    });
  });

  test("gives the manifest back where somebody has begun to read it meanwhile", async () => {
    const { world, goOn } = await started();
    for (let steps = 0; steps < 8; steps++) await goOn();
    const [oldest] = await manifestsIn(world);
    const { objects } = world.ports;
    const slow = {
      ...world.ports,
      objects: {
        ...objects,
        delete: async (keys: readonly string[]) => {
          for (const key of keys.filter((name) => name === oldest))
            await holdManifest(world.ports, key, () => readManifest(objects, key));
          await objects.delete(keys);
        },
      },
    };
    const { deleted } = await collectGarbage(slow, options);
    expect(deleted.map(({ key }) => key)).not.toContain(oldest);
    for (let times = 0; times < 3; times++) await collectTwice(world);
    await verifySavepoint(world.ports, oldest!, await readManifest(objects, oldest!));
  });

  test("takes a generation that was replaced, but for what is shared with the one that lives", async () => {
    const { world, goOn, goOnFrom, end } = await started();
    for (let steps = 0; steps < 4; steps++) await goOn();
    await goOnFrom((await manifestsIn(world)).at(-1)!);
    for (let steps = 0; steps < 3; steps++) await goOn();
    await collectTwice(world);
    world.clock.advance(3_600_001);
    await collectTwice(world);
    await verifyAll(world);
    const old = (await objectsIn(world)).filter((key) => key.startsWith("visits/1/"));
    expect(old.filter((key) => /bodies|parts/.test(key))).toEqual([]);
    await end();
  });

  test("takes the rows of generations that were replaced, also of a restore that was given up and writes late", async () => {
    const { world, goOn, goOnFrom, end } = await started();
    for (let steps = 0; steps < 4; steps++) await goOn();
    const manifest = (await manifestsIn(world)).at(-1)!;
    // Its first row is under way when it fails, and arrives when two more restores have been made.
    const late: (() => Promise<unknown>)[] = [];
    const { control } = world.ports;
    const put: typeof control.put = async (row, condition) => {
      if (!row.partition.endsWith("#progress")) return await control.put(row, condition);
      late.push(() => control.put(row, condition));
      throw new Error("The operator is gone.");
    };
    const ports = { ...world.ports, control: { ...control, put } };
    const given = restore({ job: { ...world.runtime, ports }, manifest });
    await expect(given).rejects.toThrow("The operator is gone.");
    await goOnFrom(manifest);
    for (let steps = 0; steps < 3; steps++) await goOn();
    await late[0]!();
    const rowsOfGeneration = async (generation: number) =>
      (await world.ports.control.list(`visits#${generation}#progress`)).length;
    expect([await rowsOfGeneration(1), await rowsOfGeneration(2)]).toEqual([4, 1]);
    world.clock.advance(3_600_001);
    await collectGarbage(world.ports, { ...options, dryRun: true });
    expect([await rowsOfGeneration(1), await rowsOfGeneration(2)]).toEqual([4, 1]);
    await collectGarbage(world.ports, options);
    expect([await rowsOfGeneration(1), await rowsOfGeneration(2)]).toEqual([0, 0]);
    expect(await rowsOfGeneration(3)).toBe(4);
    expect(await world.ports.control.list("visits#holds")).toEqual([]);
    // It comes again, as a sleeper's: the next collection finds it.
    await late[0]!();
    await collectGarbage(world.ports, options);
    expect(await rowsOfGeneration(2)).toBe(0);
    await end();
  });

  test("takes what marks how far deliveries of a generation that was replaced had come", async () => {
    const { world, environments, goOn, goOnFrom } = await started();
    // The table refuses the first row of each call, which is marked as an outcome of the delivery.
    const { tables } = world.ports;
    const write: typeof tables.write = async (table, writes, writer) => ({
      ...(await tables.write(table, writes.slice(1), writer)),
      refused: [{ at: 0, reason: "The table takes no such row." }],
    });
    const refusing = world.environment({ ...world.ports, tables: { ...tables, write } });
    const others = environments.splice(0, environments.length, refusing);
    for (let steps = 0; steps < 12; steps++) await goOn();
    environments.splice(0, 1, ...others);
    const marks = () => world.ports.control.list(slotRows.deliveries("visits", 1));
    const before = (await marks()).length;
    expect(before).toBeGreaterThan(0);
    await collectGarbage(world.ports, options);
    expect(await marks()).toHaveLength(before);
    await goOnFrom((await manifestsIn(world)).at(-1)!);
    world.clock.advance(3_600_001);
    await collectGarbage(world.ports, options);
    expect(await marks()).toEqual([]);
    await goOn();
  });

  test("leaves the rows of a generation that was replaced within the grace period, and holds that last", async () => {
    const { world, goOn, goOnFrom } = await started();
    for (let steps = 0; steps < 4; steps++) await goOn();
    await goOnFrom((await manifestsIn(world)).at(-1)!);
    world.clock.advance(999);
    await collectGarbage(world.ports, options);
    expect(await world.ports.control.list("visits#1#progress")).toHaveLength(4);
    expect(await world.ports.control.list("visits#holds")).toHaveLength(1);
  });

  test("takes a deleted savepoint's objects, and nothing of a fork", async () => {
    const { world, goOn } = await started();
    await askForSavepoint(world.ports, { job: "visits", id: "gone", kind: "savepoint" });
    for (let steps = 0; steps < 8; steps++) await goOn();
    await collectTwice(world);
    const fork = (await objectsIn(world)).map((key) => key.replace("visits/", "visits-b/"));
    for (const key of fork) await world.ports.objects.put(key, new Uint8Array(1));
    const savepoint = (await manifestsIn(world))[0]!;
    const { slots } = await readManifest(world.ports.objects, savepoint);
    await deleteSavepoint(world.ports, { manifest: savepoint });
    await collectTwice(world);
    const left = await objectsIn(world);
    expect(slots.filter(({ part }) => left.includes(part.key))).toEqual([]);
    expect(left.filter((key) => key.startsWith("visits-b/"))).toEqual(fork);
  });
});
