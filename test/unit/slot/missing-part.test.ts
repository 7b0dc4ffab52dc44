import { expect, test } from "vitest";
import type { Ports } from "../../../runtime/ports/index.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const shardId = "shardId-000000000000";

async function replace({ ports }: SlotWorld): Promise<void> {
  const row = (await ports.control.get({ partition: "visits#job", sort: "generation" }))!;
  const value = { ...(row.value as object), generation: 2 };
  await ports.control.put({ ...row, rank: 4, value }, { kind: "always" });
}

/** Takes batches until a part is to be built on one that is gone, and something has happened meanwhile. */
async function writePartsWhile(meanwhile: (world: SlotWorld) => Promise<void>) {
  const world = await slotWorld(visitsJob({ aligned: true }), { settings: { ringSize: 4 } });
  await world.put("visits", someVisits(60, { users: 5 }), (visit: Visit) => visit.user);
  const { objects } = world.ports;
  let isGone = false;
  const ports: Ports = {
    ...world.ports,
    objects: {
      ...objects,
      get: async (key) => {
        if (!key.includes("/parts/")) return await objects.get(key);
        if (!isGone) await meanwhile(world);
        isGone = true;
        return undefined;
      },
    },
  };
  const environment = world.environment(ports);
  const records = await world.records("visits", shardId);
  for (let at = 0; at < 12 && !isGone; at++)
    await processBatch(environment, {
      stream: "visits",
      shardId,
      records: records.slice(at, at + 1),
    });
  return world.alarms;
}

test("a sleeper whose generation was replaced gives its batch back and raises no alarm about objects that are gone", async () => {
  let alarms: readonly unknown[] = [];
  await expect(
    writePartsWhile(async (world) => {
      alarms = world.alarms;
      await replace(world);
    }),
  ).rejects.toMatchObject({ code: "generation-replaced", retryable: true });
  expect(alarms).toEqual([]);
});

test("where others have written a newer part meanwhile there is no alarm either", async () => {
  const alarms = await writePartsWhile(async (world) => {
    const environment = world.environment();
    const records = await world.records("visits", shardId);
    for (let at = 1; at < 12; at++)
      await processBatch(environment, {
        stream: "visits",
        shardId,
        records: records.slice(at, at + 1),
      });
  });
  expect(alarms).toEqual([]);
});

test("where the generation lives a part that is gone is an alarm", async () => {
  const alarms = await writePartsWhile(async () => undefined);
  expect(alarms.map(({ code }) => code)).toEqual(["part-failed"]);
});
