import { describe, expect, test } from "vitest";
import { readManifest } from "../../../runtime/checkpoint/manifest.ts";
import { readGeneration } from "../../../runtime/job/generation.ts";
import type { Shard } from "../../../runtime/ports/index.ts";
import { restore } from "../../../runtime/savepoints/restore.ts";
import type { SlotWorld } from "../../integration/slot-world.ts";
import { manifest, withEpoch } from "./with-epoch.ts";

const always = Number.POSITIVE_INFINITY;

/** A restore to which the lists of one stream are `old` the first times that it asks. */
function restoreWith(
  { runtime, ports }: SlotWorld,
  { stream, old, times }: { stream: string; old: readonly Shard[]; times: number },
) {
  let asked = 0;
  const listShards = async (listed: string): Promise<readonly Shard[]> =>
    listed === stream && asked++ < times ? old : await ports.reader.listShards(listed);
  const reader = { ...ports.reader, listShards };
  return restore({ job: { ...runtime, ports: { ...ports, reader } }, manifest });
}

/** The epoch stands in the children of a shard that was split, and `old` is the list from before. */
async function withSplitSource() {
  let old: readonly Shard[] = [];
  const world = await withEpoch(async ({ ports }) => {
    old = await ports.reader.listShards("visits");
    await ports.admin.split("visits", old[0]!.shardId);
  });
  const { slots } = await readManifest(world.ports.objects, manifest);
  const stood = slots.filter(({ stream }) => stream === "visits").map(({ slot }) => slot);
  const childId = (await world.ports.reader.listShards("visits")).at(-1)!.shardId;
  expect(stood.some((slot) => slot.endsWith(childId))).toBe(true);
  return { world, stood, lists: { stream: "visits", old } };
}

describe("a restore to which the list of shards is old", () => {
  test("waits until it shows the shards that the epoch stands in", async () => {
    const { world, stood, lists } = await withSplitSource();
    await restoreWith(world, { ...lists, times: 8 });
    const { generation, slots } = (await readGeneration(world.ports, "visits"))!;
    expect(generation).toBe(2);
    expect(slots.filter((slot) => !slot.startsWith("exchange/")).toSorted()).toEqual(
      stood.toSorted(),
    );
  });

  test("says that the positions are lost where it never shows them", async () => {
    const { world, lists } = await withSplitSource();
    await expect(restoreWith(world, { ...lists, times: always })).rejects.toMatchObject({
      code: "savepoint-positions-lost",
    });
    expect(await readGeneration(world.ports, "visits")).toMatchObject({ generation: 1 });
  });

  test("waits until the exchange's open shards leave no hole, and else changes nothing", async () => {
    for (const times of [8, always]) {
      const world = await withEpoch();
      const stream = world.exchange;
      const [first] = await world.ports.reader.listShards(stream);
      await world.ports.admin.split(stream, first!.shardId);
      // The parent is shown as closed, and the children are not shown yet.
      const old = (await world.ports.reader.listShards(stream)).slice(0, 2);
      expect(old.map(({ closed }) => closed).toSorted()).toEqual([false, true]);
      const restoring = restoreWith(world, { stream, old, times });
      if (times === always)
        await expect(restoring).rejects.toMatchObject({
          code: "shards-incomplete",
          retryable: true,
        });
      else expect((await restoring).slots).toBe(2 + 3);
    }
  });
});
