import { describe, expect, test } from "vitest";
import { readPart } from "../../../runtime/checkpoint/part.ts";
import { storeError } from "../../../runtime/errors/millrace-error.ts";
import type { Ports } from "../../../runtime/ports/index.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { readProgress } from "../../../runtime/job/progress.ts";
import { logNameOf, slotOfShard } from "../../../runtime/job/slot-ref.ts";
import { gatedPorts } from "../../integration/gated-ports.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { plainVisits, someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const visits = someVisits(60, { users: 5 });
const lost = storeError("store-away", { message: "The store is away.", retryable: true });
const byUser = (visit: Visit): string => visit.user;
const shardId = "shardId-000000000000";
const place = { job: "visits", generation: 1, slot: `visits/${shardId}` };

const world = (settings = {}) =>
  slotWorld(visitsJob({ aligned: true }), { settings: { ringSize: 4, ...settings } });

async function batchOf({ records }: SlotWorld, first: number, last: number) {
  return {
    stream: "visits",
    shardId,
    records: (await records("visits", shardId)).slice(first, last),
  };
}

async function versions({ ports, runtime, generation }: SlotWorld): Promise<readonly number[]> {
  const log = logNameOf("visits", generation, slotOfShard(runtime, "visits", shardId));
  return (await ports.log.readAll(log)).map(({ version }) => version);
}

describe("parts", () => {
  test("after the ring has gone round, a new environment loads the newest part and the log behind it", async () => {
    const run = await world();
    await run.put("visits", visits, byUser);
    const warm = run.environment();
    for (let at = 0; at < 30; at++) await processBatch(warm, await batchOf(run, at, at + 1));
    expect(await versions(run)).toEqual([27, 28, 29, 30]);
    const cold = run.environment();
    for (let at = 30; at < 60; at++)
      await processBatch(at % 2 === 0 ? cold : warm, await batchOf(run, at, at + 1));
    expect(cold.events.loads).toBe(1);
    await run.ports.admin.endStream("visits");
    await driver({ world: run, pick: () => cold }).untilEnded(run.coordinator(() => cold));
    const plain = plainVisits(visits);
    for (const table of ["counts", "sessions", "totals"] as const)
      expect(await rowsOf(run.ports, table)).toEqual(plain[table]);
  });

  test("a part keeps the segments of the one before, and merges them before there are too many", async () => {
    const run = await world({ ringSize: 4 });
    await run.put("visits", visits, byUser);
    const environment = run.environment();
    const counts: number[] = [];
    for (let at = 0; at < 40; at++) {
      await processBatch(environment, await batchOf(run, at, at + 1));
      const progress = await readProgress(run.ports, place);
      counts.push((await readPart(run.ports, progress!.part!.key)).segments.length);
    }
    expect(counts.slice(0, 3)).toEqual([1, 2, 3]);
    expect(Math.max(...counts)).toBeLessThanOrEqual(17);
    // It was merged at least once: a count below the one before it.
    expect(counts.some((count, at) => at > 0 && count < counts[at - 1]!)).toBe(true);
  });

  test("a ring that is full while no part can be written takes no commit, says so, and goes on once one can", async () => {
    const run = await world();
    await run.put("visits", visits, byUser);
    let broken = true;
    const failing: Ports = {
      ...run.ports,
      objects: {
        ...run.ports.objects,
        put: async (...args) => {
          if (broken)
            throw storeError("objects-away", {
              message: "The object store is away.",
              retryable: true,
            });
          return run.ports.objects.put(...args);
        },
      },
    };
    const environment = run.environment(failing);
    for (let at = 0; at < 12; at++)
      await processBatch(environment, await batchOf(run, at, at + 1)).catch(() => undefined);
    const full = await versions(run);
    expect(full.length).toBeLessThanOrEqual(4);
    expect(full[0]).toBe(1);
    const refused = processBatch(environment, await batchOf(run, 0, 12));
    await expect(refused).rejects.toMatchObject({ retryable: true });
    expect(await versions(run)).toEqual(full);
    expect(run.alarms.map(({ code }) => code)).toContain("ring-full");

    broken = false;
    await processBatch(environment, await batchOf(run, 0, 60));
    await run.ports.admin.endStream("visits");
    await driver({ world: run, pick: () => environment }).untilEnded(
      run.coordinator(() => environment),
    );
    expect(await rowsOf(run.ports, "sessions")).toEqual(plainVisits(visits).sessions);
  });

  test("a part that can't be named in the progress row makes no room in a full ring", async () => {
    const run = await world();
    await run.put("visits", visits, byUser);
    let away = "objects";
    const failing: Ports = gatedPorts(run.ports, (place) => {
      if (place === "objects.put" && away === "objects") throw lost;
      if (place === "control.put" && away === "control") throw lost;
    });
    const environment = run.environment(failing);
    for (let at = 0; at < 12; at++)
      await processBatch(environment, await batchOf(run, at, at + 1)).catch(() => undefined);
    const full = await versions(run);
    expect(full).toEqual([1, 2, 3, 4]);
    away = "control";
    await processBatch(environment, await batchOf(run, 0, 12)).catch(() => undefined);
    expect(await versions(run)).toEqual(full);
    away = "";
    await processBatch(run.environment(failing), await batchOf(run, 0, 60));
    expect(await versions(run)).not.toEqual(full);
  });

  test("a body over the limit lies in an object, and is read from there", async () => {
    const run = await world({ ringSize: 512, inlineMaxBytes: 100 });
    await run.put("visits", visits, byUser);
    await processBatch(run.environment(), await batchOf(run, 0, 30));
    const bodies: string[] = [];
    for await (const key of run.ports.objects.list("visits/1/bodies/")) bodies.push(key);
    expect(bodies).toHaveLength(1);
    const cold = run.environment();
    await processBatch(cold, await batchOf(run, 0, 60));
    await run.ports.admin.endStream("visits");
    await driver({ world: run, pick: () => cold }).untilEnded(run.coordinator(() => cold));
    expect(await rowsOf(run.ports, "counts")).toEqual(plainVisits(visits).counts);
  });
});
