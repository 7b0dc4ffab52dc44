import { describe, expect, test } from "vitest";
import { listManifests, readManifest } from "../../runtime/checkpoint/manifest.ts";
import { checkpointing } from "../../runtime/index.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { compareSequences } from "../../runtime/job/slot-meta.ts";
import { askForSavepoint, savepointRequest } from "../../runtime/savepoints/requests.ts";
import { restore } from "../../runtime/savepoints/restore.ts";
import { processBatch } from "../../runtime/slot/process-batch.ts";
import { driver, rowsOf, type SlotWorld, slotWorld } from "./slot-world.ts";
import { plainVisits, type Visit, visitsJob } from "./visits-job.ts";

const visits = Array.from({ length: 1_200 }, (_, index): Visit => ({
  user: `u${index % 17}`,
  atMs: 1_000_000 + index * 10,
}));
const byUser = (visit: Visit): string => visit.user;
const checkpoints = checkpointing({ interval: { seconds: 1 }, timeout: { seconds: 10 } });

async function started(aligned: boolean, when = checkpoints) {
  const world = await slotWorld(visitsJob({ checkpoints: when, aligned }), {
    sourceShards: 2,
    exchangeShards: 2,
    settings: { ringSize: 8 },
  });
  const environments = [world.environment(), world.environment(), world.environment()];
  let served = 0;
  const pick = () => environments[served++ % environments.length]!;
  const feed = driver({ world, pick, batchSize: () => 30 });
  return { world, pick, feed };
}

async function tablesOf(world: SlotWorld) {
  return {
    counts: await rowsOf(world.ports, "counts"),
    sessions: await rowsOf(world.ports, "sessions"),
    totals: await rowsOf(world.ports, "totals"),
  };
}

/** The records before the positions that an epoch's source slots have. */
async function takenVisits(world: SlotWorld, manifest: string): Promise<readonly Visit[]> {
  const taken: Visit[] = [];
  for (const { stream, shardId, sequence } of (await readManifest(world.ports.objects, manifest))
    .slots) {
    if (stream !== "visits" || sequence === undefined) continue;
    for (const record of await world.records(stream, shardId)) {
      if (compareSequences(record.sequence, sequence) <= 0)
        taken.push(JSON.parse(new TextDecoder().decode(record.data)) as Visit);
    }
  }
  return taken;
}

describe.each([false, true])("a job that is stopped with a savepoint (aligned: %s)", (aligned) => {
  test("goes on from it at another parallelism, and ends with the same tables", async () => {
    const { world, pick, feed } = await started(aligned);
    const round = world.coordinator(pick);
    for (let at = 0; at < 600; at += 100) {
      await world.put("visits", visits.slice(at, at + 100), byUser);
      for (let pumps = 0; pumps < 3; pumps++) {
        await feed.pump();
        world.clock.advance(300);
        await round();
      }
    }
    await world.put("visits", visits.slice(600, 800), byUser);
    await askForSavepoint(world.ports, { job: "visits", id: "one", kind: "stop" });
    await expect(
      askForSavepoint(world.ports, { job: "visits", id: "one", kind: "savepoint" }),
    ).rejects.toMatchObject({ code: "savepoint-exists" });
    for (let rounds = 0; rounds < 60; rounds++) {
      await feed.pump();
      world.clock.advance(300);
      if ((await round()).ended) break;
    }
    const stopped = await readGeneration(world.ports, "visits");
    expect(stopped).toMatchObject({ ended: true, outcome: "stopped" });
    const manifest = stopped?.savepoint ?? "";
    expect(
      await savepointRequest(world.ports, "visits", { generation: 1, id: "one" }),
    ).toMatchObject({ status: "complete", manifest });
    const epochs = await listManifests(world.ports, "visits");
    expect(epochs.filter(({ status }) => status === "complete").length).toBeGreaterThan(3);

    const [first] = await world.ports.reader.listShards(world.exchange);
    await world.ports.admin.split(world.exchange, first!.shardId);
    const restored = await restore({ job: world.runtime, manifest });
    expect(restored).toMatchObject({ generation: 2, slots: 5 });
    await world.put("visits", visits.slice(800), byUser);
    await world.ports.admin.endStream("visits");
    const next = (await readGeneration(world.ports, "visits"))!;
    await feed.untilEnded(world.coordinator(pick, 0, next));
    expect(await tablesOf(world)).toEqual(plainVisits(visits));
  });

  test("a running job is taken back to an epoch while environments of the generation before still run", async () => {
    const { world, pick, feed } = await started(aligned);
    const round = world.coordinator(pick);
    for (let at = 0; at < 600; at += 100) {
      await world.put("visits", visits.slice(at, at + 100), byUser);
      await feed.pump();
      world.clock.advance(600);
      await round();
    }
    const [epoch] = (await listManifests(world.ports, "visits")).filter(
      ({ status }) => status === "complete",
    );
    const manifest = `visits/manifests/1/${String(epoch!.epoch).padStart(10, "0")}.json`;
    await restore({ job: world.runtime, manifest });
    const next = (await readGeneration(world.ports, "visits"))!;
    expect(next).toMatchObject({ generation: 2, restoredFrom: manifest });
    const late = world.coordinator(pick);
    await world.put("visits", visits.slice(600), byUser);
    await feed.pump();
    await late();
    await world.ports.admin.endStream("visits");
    await feed.untilEnded(world.coordinator(pick, 0, next));
    expect(await tablesOf(world)).toEqual(plainVisits(visits));
  });
});

test("what a restore has taken back is taken again, although nobody hands it over and nothing new comes", async () => {
  const { world, pick, feed } = await started(false, checkpointing({ interval: "never" }));
  const round = world.coordinator(pick);
  await askForSavepoint(world.ports, { job: "visits", id: "early", kind: "savepoint" });
  for (let at = 0; at < 600; at += 100) {
    await world.put("visits", visits.slice(at, at + 100), byUser);
    for (let pumps = 0; pumps < 3; pumps++) await feed.pump();
    world.clock.advance(600);
    await round();
  }
  const [epoch] = (await listManifests(world.ports, "visits")).filter(
    ({ status }) => status === "complete",
  );
  const manifest = `visits/manifests/1/${String(epoch!.epoch).padStart(10, "0")}.json`;
  const { slots } = await readManifest(world.ports.objects, manifest);
  await restore({ job: world.runtime, manifest });
  const next = (await readGeneration(world.ports, "visits"))!;
  const taken = async () =>
    (await listProgress(world.ports, { job: "visits", generation: 2 }))
      .filter(({ stream }) => stream === "visits")
      .reduce((sum, { counters }) => sum + counters.records, 0);
  const before = slots.reduce(
    (sum, { stream, records }) => sum + (stream === "visits" ? records : 0),
    0,
  );
  expect(await taken()).toBeLessThan(600);
  expect(before).toBeLessThan(600);
  const going = world.coordinator(pick, 0, next);
  for (let rounds = 0; rounds < 8; rounds++) {
    world.clock.advance(3_000);
    await going();
  }
  expect(await taken()).toBe(600);
});

test("a drained job has fired everything, and its savepoint is not restored", async () => {
  const { world, pick, feed } = await started(false);
  const round = world.coordinator(pick);
  await world.put("visits", visits, byUser);
  await feed.pump();
  await askForSavepoint(world.ports, { job: "visits", id: "last", kind: "drain" });
  for (let rounds = 0; rounds < 60; rounds++) {
    await feed.pump();
    world.clock.advance(2_000);
    if ((await round()).ended) break;
  }
  const stopped = await readGeneration(world.ports, "visits");
  expect(stopped).toMatchObject({ ended: true, outcome: "stopped" });
  const manifest = stopped?.savepoint ?? "";
  const taken = await takenVisits(world, manifest);
  expect(taken.length).toBeGreaterThan(20);
  expect(taken.length).toBeLessThan(visits.length);
  expect(await tablesOf(world)).toEqual(plainVisits(taken));
  await expect(restore({ job: world.runtime, manifest })).rejects.toMatchObject({
    code: "savepoint-drained",
  });
});

test("whoever helps a parent that is drained meanwhile takes nothing behind its end", async () => {
  const { world, pick, feed } = await started(true);
  const round = world.coordinator(pick);
  await world.put("visits", visits.slice(0, 600), byUser);
  await feed.pump("visits");
  const [parent] = await world.ports.reader.listShards("visits");
  const stream = "visits";
  await world.ports.admin.split(stream, parent!.shardId);
  await askForSavepoint(world.ports, { job: "visits", id: "last", kind: "drain" });
  const { log } = world.ports;
  let isFirst = true;
  const slow = world.environment({
    ...world.ports,
    log: {
      ...log,
      append: async (name, row) => {
        if (isFirst && name.slot.endsWith(parent!.shardId)) {
          isFirst = false;
          for (let rounds = 0; rounds < 2; rounds++) {
            await round();
            world.clock.advance(2_000);
          }
        }
        return await log.append(name, row);
      },
    },
  });
  const child = (await world.ports.reader.listShards(stream)).at(-1)!;
  await processBatch(slow, { stream, shardId: child.shardId, records: [] }).catch(() => undefined);
  expect(isFirst).toBe(false);
  for (let rounds = 0; rounds < 60; rounds++) {
    await feed.pump(world.exchange);
    world.clock.advance(2_000);
    if ((await round()).ended) break;
  }
  const { savepoint } = (await readGeneration(world.ports, "visits"))!;
  const taken = await takenVisits(world, savepoint!);
  expect(taken.length).toBeLessThan(600);
  expect(await tablesOf(world)).toEqual(plainVisits(taken));
});

describe("a stop in the middle of a takeover of sources", () => {
  async function stopped(
    world: SlotWorld,
    pump: () => Promise<boolean>,
    round: () => Promise<{ ended: boolean }>,
  ) {
    await askForSavepoint(world.ports, { job: "visits", id: "s", kind: "stop" });
    for (let rounds = 0; rounds < 80; rounds++) {
      await pump();
      world.clock.advance(500);
      if ((await round()).ended) return;
    }
    throw new Error("The job did not stop.");
  }

  async function goesOn(running: Awaited<ReturnType<typeof run>>) {
    const { world, pick, feed } = running;
    const { savepoint } = (await readGeneration(world.ports, "visits"))!;
    await restore({ job: world.runtime, manifest: savepoint! });
    await world.ports.admin.endStream("visits");
    const next = (await readGeneration(world.ports, "visits"))!;
    await feed.untilEnded(world.coordinator(pick, 0, next));
    return await tablesOf(world);
  }

  async function run() {
    const job = await started(false);
    const { world, feed } = job;
    await world.put("visits", visits.slice(0, 600), byUser);
    await feed.pump();
    return { ...job, round: world.coordinator(job.pick) };
  }

  test("finishes it where one child of a sealed parent has a slot and the other has none", async () => {
    const job = await run();
    const { world, pick, feed, round } = job;
    const [first] = await world.ports.reader.listShards("visits");
    await world.ports.admin.split("visits", first!.shardId);
    await world.put("visits", visits.slice(600), byUser);
    // Only one child is invoked, and takes over.
    const child = (await world.ports.reader.listShards("visits")).find(({ parents }) =>
      parents.includes(first!.shardId),
    );
    await processBatch(pick(), { stream: "visits", shardId: child!.shardId, records: [] });
    await stopped(world, () => feed.pump(world.exchange), round);
    expect(await goesOn(job)).toEqual(plainVisits(visits));
  });

  test("finishes it where a merge has sealed one parent and the other one stops", async () => {
    const job = await run();
    const { world, pick, feed, round } = job;
    const [first, second] = await world.ports.reader.listShards("visits");
    await world.put("visits", visits.slice(600), byUser);
    await world.ports.admin.merge("visits", first!.shardId, second!.shardId);
    const child = (await world.ports.reader.listShards("visits")).at(-1)!;
    // It fails behind the first seal.
    const failing = world.environment({
      ...world.ports,
      log: {
        ...world.ports.log,
        append: async (log, row) => {
          if (log.slot.endsWith(second!.shardId)) throw new Error("cut off");
          return await world.ports.log.append(log, row);
        },
      },
    });
    await expect(
      processBatch(failing, { stream: "visits", shardId: child.shardId, records: [] }),
    ).rejects.toThrow("cut off");
    await askForSavepoint(world.ports, { job: "visits", id: "first", kind: "stop" });
    await round();
    await processBatch(pick(), { stream: "visits", shardId: second!.shardId, records: [] });
    await stopped(world, () => feed.pump(world.exchange), round);
    expect(await goesOn(job)).toEqual(plainVisits(visits));
  });
});
