import { describe, expect, test } from "vitest";
import { type Manifest, putManifest, readManifest } from "../../../runtime/checkpoint/manifest.ts";
import {
  elementType,
  defineJob,
  listState,
  noWatermarks,
  mapState,
  unchecked,
  valueState,
} from "../../../runtime/index.ts";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import { objectNames } from "../../../runtime/layout/names.ts";
import {
  askForSavepoint,
  type ReadSavepoint,
  readSavepoint,
  restore,
  type StateRow,
} from "../../../runtime/savepoints/index.ts";
import { readGeneration } from "../../../runtime/job/generation.ts";
import { driver, type SlotWorld, slotWorld } from "../../integration/slot-world.ts";

interface Item {
  readonly key: string | number | boolean;
  readonly set?: number;
  readonly page?: string;
  readonly clear?: boolean;
}

const job = defineJob(
  "items",
  (env) => {
    env
      .source(kinesisSource({ stream: "items", schema: unchecked<Item>() }), {
        uid: "items",
        watermarks: noWatermarks(),
      })
      .keyBy((item) => item.key)
      .process({
        uid: "keeper",
        state: {
          last: valueState<{ n: bigint }>(),
          pages: mapState<string, number>(),
          seen: listState<number>(),
        },
        emits: elementType<{ key: string; n: number }>(),
        onElement({ set, page, clear }, { state }) {
          if (clear === true) {
            state.last.clear();
            state.pages.clear();
            state.seen.clear();
          }
          if (set !== undefined) {
            state.last.set({ n: BigInt(set) });
            state.seen.add(set);
          }
          if (page !== undefined) state.pages.set(page, (state.pages.get(page) ?? 0) + 1);
        },
      })
      .sinkTo(dynamodbSink({ table: "out", key: ["key"] }), { uid: "out" });
  },
  { maxParallelism: 16 },
);

async function started() {
  const world = await slotWorld(job, {
    sourceShards: 2,
    exchangeShards: 3,
    settings: { ringSize: 8 },
  });
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  const settle = async (round = world.coordinator(() => environment)) => {
    for (let rounds = 0; rounds < 8; rounds++) {
      await feed.pump();
      world.clock.advance(500);
      await round();
    }
  };
  const put = async (items: readonly Item[]) => {
    await world.put("items", items);
    await settle();
  };
  const savepoint = async (id: string): Promise<string> => {
    const { generation } = await askForSavepoint(world.ports, {
      job: "items",
      id,
      kind: "savepoint",
    });
    const living = (await readGeneration(world.ports, "items"))!;
    await settle(world.coordinator(() => environment, 0, living));
    for (let epoch = 1; epoch < 20; epoch++) {
      const key = objectNames.manifest("items", generation, epoch);
      const found = await readManifest(world.ports.objects, key).catch(() => undefined);
      if (found?.savepoint === id) return key;
    }
    throw new Error(`No savepoint ${id}.`);
  };
  return { world, put, savepoint };
}

async function rowsOf({ ports }: SlotWorld, key: string, options: ReadSavepoint = {}) {
  const rows: StateRow[] = [];
  for await (const row of readSavepoint(ports, await readManifest(ports.objects, key), options))
    rows.push(row);
  return rows;
}

const sorted = (rows: readonly StateRow[]): readonly string[] =>
  rows
    .map(({ state, key, mapKey, value }) =>
      [
        state,
        typeof key,
        String(key),
        String(mapKey),
        typeof value === "object" ? `n=${String((value as { n: bigint }).n)}` : String(value),
      ].join(" "),
    )
    .sort();

describe("a savepoint's state", () => {
  test("holds the last of every value, over segments that override each other, and nothing that was removed", async () => {
    const { world, put, savepoint } = await started();
    const keys = ["a", "b", "c", "d", 7, "7", true];
    await put(keys.map((key): Item => ({ key, set: 1, page: "home" })));
    await savepoint("one");
    await put([
      { key: "a", set: 2 },
      { key: 7, set: 3, page: "more" },
      { key: "d", clear: true },
    ]);
    const two = await savepoint("two");
    const manifest = await readManifest(world.ports.objects, two);
    expect(Math.max(...manifest.slots.map(({ segments }) => segments.length))).toBeGreaterThan(1);
    const rows = await rowsOf(world, two, { operator: "keeper" });
    expect(sorted(rows.filter(({ state }) => state === "last"))).toEqual([
      "last boolean true undefined n=1",
      "last number 7 undefined n=3",
      "last string 7 undefined n=1",
      "last string a undefined n=2",
      "last string b undefined n=1",
      "last string c undefined n=1",
    ]);
    expect(sorted(await rowsOf(world, two, { state: "pages", keys: [7] }))).toEqual([
      "pages number 7 home 1",
      "pages number 7 more 1",
    ]);
    expect(sorted(await rowsOf(world, two, { state: "seen", keys: ["a"] }))).toEqual([
      "seen string a 0 1",
      "seen string a 1 2",
      "seen string a length 2",
    ]);
    expect(await rowsOf(world, two, { keys: ["d", "nobody"] })).toEqual([]);
  });

  test("is the same after a restore at another parallelism, each key once", async () => {
    const { world, put, savepoint } = await started();
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
    await put(keys.map((key, index): Item => ({ key, set: index, page: "p" })));
    const one = await savepoint("one");
    const before = await rowsOf(world, one);
    expect(before.length).toBe(40 * 4);
    for (const { shardId } of await world.ports.reader.listShards(world.exchange))
      await world.ports.admin.split(world.exchange, shardId);
    await restore({ job: world.runtime, manifest: one });
    // The parts that a restore writes refer to segments of all slots that overlap.
    const manifest = await readManifest(world.ports.objects, await restoredParts(world, one));
    const after: StateRow[] = [];
    for await (const row of readSavepoint(world.ports, manifest)) after.push(row);
    expect(sorted(after)).toEqual(sorted(before));
  });

  test("of an operator or a state that is not there is refused with those that are", async () => {
    const { world, put, savepoint } = await started();
    await put([{ key: "a", set: 1 }]);
    const one = await savepoint("one");
    await expect(rowsOf(world, one, { operator: "out" })).rejects.toMatchObject({
      code: "operator-not-in-savepoint",
      message: expect.stringContaining("there are keeper") as string,
    });
    await expect(rowsOf(world, one, { state: "first" })).rejects.toMatchObject({
      code: "state-not-in-savepoint",
      message: expect.stringContaining("keeper/last, keeper/pages, keeper/seen") as string,
    });
  });
});

/** Puts a manifest of the parts that a restore has written, as they are before anything runs. */
async function restoredParts({ ports }: SlotWorld, of: string): Promise<string> {
  const manifest = await readManifest(ports.objects, of);
  const { listProgress } = await import("../../../runtime/job/progress.ts");
  const rows = await listProgress(ports, { job: "items", generation: 2 });
  const [slot] = manifest.slots;
  const slots = rows.map(({ slot: name, stream, shardId, range, part }) => ({
    ...slot!,
    slot: name,
    stream,
    shardId,
    range,
    version: 1,
    part: part!,
    segments: [],
  }));
  await putManifest<Manifest>(ports, { ...manifest, generation: 2, epoch: 1, slots });
  return objectNames.manifest("items", 2, 1);
}
