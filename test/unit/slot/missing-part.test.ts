import { describe, expect, test } from "vitest";
import type { Ports } from "../../../runtime/ports/index.ts";
import { catchUp } from "../../../runtime/slot/catch-up.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { slotOfShard } from "../../../runtime/job/slot-ref.ts";
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

describe("whoever loads a slot of a generation that was replaced, when its rows are collected,", () => {
  test.each([
    ["finds no row", false],
    ["finds a row that another sleeper wrote, without the part that covers the ring", true],
  ])("gives its batch back where he %s", async (_, isBack) => {
    const world = await slotWorld(visitsJob({ aligned: true }), { settings: { ringSize: 4 } });
    await world.put("visits", someVisits(60, { users: 5 }), (visit: Visit) => visit.user);
    const records = await world.records("visits", shardId);
    const environment = world.environment();
    for (let at = 0; at < 12; at++) {
      const one = records.slice(at, at + 1);
      await processBatch(environment, { stream: "visits", shardId, records: one });
    }
    await replace(world);
    const key = { partition: "visits#1#progress", sort: `visits/${shardId}` };
    const row = (await world.ports.control.get(key))!;
    await world.ports.control.delete(row);
    const { part: __, ...value } = row.value as { readonly part: unknown };
    if (isBack)
      await world.ports.control.put({ ...row, value: value as never }, { kind: "always" });
    const slot = slotOfShard(world.runtime, "visits", shardId);
    // Reading on and on would never come to an end: the row that stands does not change any more.
    let reads = 0;
    const get: Ports["control"]["get"] = (key) => {
      expect(reads++).toBeLessThan(20);
      return world.ports.control.get(key);
    };
    const ports = { ...world.ports, control: { ...world.ports.control, get } };
    await expect(catchUp(world.environment(ports), world.generation, slot)).rejects.toMatchObject({
      code: "generation-replaced",
      retryable: true,
    });
  });
});

test("a batch whose slot shows nothing any more is not passed over as a foreign one: its generation was replaced", async () => {
  const world = await slotWorld(visitsJob({ aligned: true }));
  await world.put("visits", someVisits(3, { users: 1 }), (visit: Visit) => visit.user);
  const key = { partition: "visits#1#progress", sort: `visits/${shardId}` };
  const { control } = world.ports;
  let isFirst = true;
  const get: Ports["control"]["get"] = async (asked) => {
    const found = await control.get(asked);
    // Everything happens between the batch's first look and its second.
    if (isFirst) {
      await replace(world);
      await control.delete((await control.get(key))!);
    }
    isFirst = false;
    return found;
  };
  const environment = world.environment({ ...world.ports, control: { ...control, get } });
  const records = await world.records("visits", shardId);
  await expect(
    processBatch(environment, { stream: "visits", shardId, records }),
  ).rejects.toMatchObject({ code: "generation-replaced", retryable: true });
});
