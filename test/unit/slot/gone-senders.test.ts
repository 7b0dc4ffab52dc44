import { expect, test } from "vitest";
import { listManifests } from "../../../runtime/checkpoint/manifest.ts";
import type { Frame } from "../../../runtime/exchange/frame.ts";
import { checkpointing } from "../../../runtime/index.ts";
import type { PutEntry } from "../../../runtime/ports/index.ts";
import { envelopeKind, openEnvelope } from "../../../runtime/serde/envelope.ts";
import { driver, rowsOf, type SlotWorld, slotWorld } from "../../integration/slot-world.ts";
import { plainVisits, someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const visits = someVisits(300, { users: 9 });
const byUser = (visit: Visit): string => visit.user;
const source = "shardId-000000000000";

/** What a slot has put into the exchange so far, to be put there once more. */
async function framesOf(world: SlotWorld, slot: string): Promise<readonly PutEntry[]> {
  const entries: PutEntry[] = [];
  for (const { shardId, firstHash } of await world.ports.reader.listShards(world.exchange))
    for (const { data } of await world.records(world.exchange, shardId)) {
      if (envelopeKind(data) !== "frame") continue;
      if ((openEnvelope("frame", data, world.ports.compression) as Frame).slot === slot)
        entries.push({ partitionKey: "again", explicitHash: firstHash, data });
    }
  return entries;
}

test("marks of slots that are gone leave the commit with the next epoch, and what these have sent is still not applied twice", async () => {
  const checkpoints = checkpointing({ interval: { seconds: 1 } });
  const world = await slotWorld(visitsJob({ checkpoints }), { sourceShards: 1, exchangeShards: 2 });
  const environment = world.environment();
  const round = world.coordinator(() => environment);
  const feed = driver({ world, pick: () => environment, batchSize: () => 20 });
  const completeEpochs = async (count: number): Promise<void> => {
    const complete = async () =>
      (await listManifests(world.ports, "visits")).filter(({ status }) => status === "complete")
        .length;
    const wanted = (await complete()) + count;
    for (let rounds = 0; (await complete()) < wanted && rounds < 100; rounds++) {
      await feed.pump();
      world.clock.advance(300);
      await round();
    }
    expect(await complete()).toBe(wanted);
  };
  const senders = (): readonly (readonly string[])[] =>
    [...environment.images.values()]
      .filter(({ slot, sealed }) => slot.source === undefined && !sealed)
      .map(({ meta }) => Object.keys(meta.marks).filter((name) => name.startsWith("visits/")));

  await world.put("visits", visits.slice(0, 100), byUser);
  while (await feed.pump());
  expect(senders()).toEqual([[`visits/${source}`], [`visits/${source}`]]);
  const again = await framesOf(world, `visits/${source}`);
  expect(again.length).toBeGreaterThan(0);

  await world.ports.admin.split("visits", source);
  await world.put("visits", visits.slice(100, 200), byUser);
  await completeEpochs(2);
  for (const names of senders()) expect(names).not.toContain(`visits/${source}`);

  // A sleeper wakes up, and delivers once more.
  await world.ports.writer.put(world.exchange, again);
  await world.ports.admin.split(world.exchange, "shardId-000000000000");
  await world.ports.writer.put(world.exchange, again);
  await world.put("visits", visits.slice(200), byUser);
  await world.ports.admin.endStream("visits");
  await feed.untilEnded(round, 100);
  expect(await rowsOf(world.ports, "counts")).toEqual(plainVisits(visits).counts);
  expect(await rowsOf(world.ports, "totals")).toEqual(plainVisits(visits).totals);
});
