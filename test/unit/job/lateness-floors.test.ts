import { expect, test } from "vitest";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { driver, rowsOf, slotWorld } from "../../integration/slot-world.ts";
import { type Visit, visitsJob } from "../../integration/visits-job.ts";
import { floorsAbove, inheritFloors } from "../../../runtime/job/lateness-floors.ts";

const low = { firstHash: "0", lastHash: "99" };
const high = { firstHash: "100", lastHash: "199" };
const at = (ms: number) => ({ windows: { ms, idle: false } });

test("a slot keeps the watermarks of those it was made from, as far as its own is behind", () => {
  const fast = { range: low, watermarks: at(900) };
  const slow = { range: high, watermarks: at(300) };
  expect(inheritFloors([fast, slow], at(300))).toEqual({ windows: [{ range: low, ms: 900 }] });
  expect(inheritFloors([slow, slow], at(300))).toBeUndefined();
});

test("floors that a parent had are handed on, and go once the watermark has passed them", () => {
  const floors = { windows: [{ range: low, ms: 900 }] };
  const parent = { range: { firstHash: "0", lastHash: "199" }, watermarks: at(500), floors };
  const other = { range: { firstHash: "200", lastHash: "299" }, watermarks: at(400) };
  expect(inheritFloors([parent, other], at(400))).toEqual({
    windows: [
      { range: low, ms: 900 },
      { range: { firstHash: "0", lastHash: "199" }, ms: 500 },
    ],
  });
  expect(floorsAbove(floors, at(899))).toEqual(floors);
  expect(floorsAbove(floors, at(900))).toBeUndefined();
  expect(floorsAbove(undefined, at(0))).toBeUndefined();
});

test("behind a merge, a late element does not begin a window again that its slot had fired and cleared", async () => {
  const world = await slotWorld(visitsJob({ aligned: true }), { sourceShards: 2 });
  const environment = world.environment();
  const byUser = (visit: Visit): string => visit.user;
  const atMs = 1_000_000;
  const put = (visits: readonly Visit[]) => world.put("visits", visits, byUser);
  await put(Array.from({ length: 24 }, (_, at) => ({ user: `u${at % 12}`, atMs })));
  const [first, second] = await world.ports.reader.listShards("visits");
  const records = await world.records("visits", first!.shardId);
  const users = [...new Set(records.map(({ partitionKey }) => partitionKey))];
  expect(users.length).toBeGreaterThan(0);
  expect(users.length).toBeLessThan(12);
  // The first shard goes further ahead of the other one than lateness is allowed.
  await put(users.map((user) => ({ user, atMs: atMs + 4_000_000_000 })));
  const feed = driver({ world, pick: () => environment });
  while (await feed.pump());
  const fired = await rowsOf(world.ports, "counts");
  expect(fired).toHaveLength(users.length);
  await world.ports.admin.merge("visits", first!.shardId, second!.shardId);
  await put(users.map((user) => ({ user, atMs: atMs + 1 })));
  const child = (await world.ports.reader.listShards("visits")).at(-1)!;
  await processBatch(environment, { stream: "visits", shardId: child.shardId, records: [] });
  while (await feed.pump());
  await world.ports.admin.endStream("visits");
  await feed.untilEnded(world.coordinator(() => environment));
  const rows = await rowsOf(world.ports, "counts");
  expect(rows).toEqual(expect.arrayContaining([...fired]));
});
