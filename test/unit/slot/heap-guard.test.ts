import { describe, expect, test } from "vitest";
import type { Heap } from "../../../runtime/ports/index.ts";
import type { SlotEnvironment } from "../../../runtime/slot/image/environment.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { stateBytesOf } from "../../../runtime/slot/image/slot-image.ts";
import { driver, rowsOf, slotWorld, type SlotWorldOptions } from "../../integration/slot-world.ts";
import { plainVisits, someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const byUser = (visit: Visit): string => visit.user;

/** A heap that holds what it is told, and garbage until that is collected. */
function modelledHeap(limitBytes: number): Heap & {
  readonly holders: SlotEnvironment[];
  garbageBytes: number;
  bytesOf: (environment: SlotEnvironment) => number;
} {
  return {
    holders: [],
    garbageBytes: 0,
    bytesOf: ({ images }) => images.size * 100,
    measure() {
      const aliveBytes = this.holders.reduce((sum, one) => sum + this.bytesOf(one), 0);
      return { usedBytes: aliveBytes + this.garbageBytes, limitBytes };
    },
    collect() {
      this.garbageBytes = 0;
    },
  };
}

async function heapWorld(limitBytes: number, options: SlotWorldOptions = {}) {
  const heap = modelledHeap(limitBytes);
  const world = await slotWorld(visitsJob({ aligned: true }), {
    ...options,
    ports: { heap },
  });
  const environment = (): SlotEnvironment => {
    const made = world.environment();
    heap.holders.push(made);
    return made;
  };
  return { heap, world, environment };
}

const held = ({ images }: SlotEnvironment): readonly string[] =>
  [...images.values()].map(({ slot }) => slot.shardId.slice(-1));

type HeapWorld = Awaited<ReturnType<typeof heapWorld>>;

/** Hands the records of shards over, one shard after the other. */
async function visit({ world }: HeapWorld, environment: SlotEnvironment, shards: string) {
  for (const shard of shards) {
    const shardId = `shardId-00000000000${shard}`;
    const records = await world.records("visits", shardId);
    await processBatch(environment, { stream: "visits", shardId, records });
  }
}

const visits = someVisits(200, { users: 40 });

describe("images of slots", () => {
  test("that were used longest ago are evicted where the heap fills up, and never the one in hand", async () => {
    const run = await heapWorld(500, { sourceShards: 4 });
    await run.world.put("visits", visits, byUser);
    const environment = run.environment();
    await visit(run, environment, "012");
    expect(held(environment)).toEqual(["0", "1", "2"]);
    // Used again: now 1 is the one that was used longest ago.
    await visit(run, environment, "03");
    expect(held(environment)).toEqual(["0", "3"]);
    expect(environment.events.evictions).toBe(2);
  });

  test("that are in hand stay where all others are evicted and the heap is still full", async () => {
    const run = await heapWorld(1_000, { sourceShards: 4 });
    run.heap.bytesOf = () => 650;
    await run.world.put("visits", visits, byUser);
    const environment = run.environment();
    await visit(run, environment, "01");
    expect(held(environment)).toEqual(["1"]);
    const { loads } = environment.events;
    await visit(run, environment, "1");
    expect(environment.events.loads).toBe(loads);
  });

  test("stay where only garbage fills the heap", async () => {
    const run = await heapWorld(1_000, { sourceShards: 4 });
    await run.world.put("visits", visits, byUser);
    const environment = run.environment();
    await visit(run, environment, "012");
    run.heap.garbageBytes = 650;
    await visit(run, environment, "3");
    expect(held(environment)).toEqual(["0", "1", "2", "3"]);
  });

  test("of the process's other environments go as well, since they share the heap", async () => {
    const run = await heapWorld(500, { sourceShards: 4 });
    await run.world.put("visits", visits, byUser);
    const [one, other] = [run.environment(), run.environment()];
    await visit(run, one, "012");
    await visit(run, other, "3");
    expect(held(other)).toEqual(["3"]);
    expect(held(one)).toEqual(["2"]);
  });

  test("are bounded in number, however much room there is", async () => {
    const run = await heapWorld(1e9, { sourceShards: 4, settings: { imagesMax: 2 } });
    await run.world.put("visits", visits, byUser);
    const environment = run.environment();
    await visit(run, environment, "0123");
    expect(held(environment)).toEqual(["2", "3"]);
  });

  test("that are evicted at every batch change no result", async () => {
    const heap = modelledHeap(1_000);
    const shards = { sourceShards: 3, exchangeShards: 3 };
    const world = await slotWorld(visitsJob(), { ...shards, ports: { heap } });
    const environment = world.environment();
    // Full until nothing but what is in hand is left, and never beyond.
    heap.bytesOf = ({ images }) => Math.min(550 + images.size * 50, 790);
    heap.holders.push(environment);
    await world.put("visits", visits, byUser);
    await world.ports.admin.endStream("visits");
    const feed = driver({ world, pick: () => environment, batchSize: () => 10 });
    await feed.untilEnded(world.coordinator(() => environment));
    expect(environment.events.loads).toBeGreaterThan(20);
    expect(environment.events.evictions).toBeGreaterThan(20);
    const plain = plainVisits(visits);
    for (const table of ["counts", "sessions", "totals"] as const)
      expect(await rowsOf(world.ports, table)).toEqual(plain[table]);
  });
});

describe("a slot that nears the limit of the heap by itself", () => {
  const growing = Array.from({ length: 200 }, (_, index) => ({
    user: `u${index}`,
    atMs: 1_000_000 + index * 10,
  }));

  /** State takes twenty times its encoded size in this heap. */
  async function nearLimit(limitBytes: number) {
    const run = await heapWorld(limitBytes);
    run.heap.bytesOf = ({ images }) =>
      20 * [...images.values()].reduce((sum, image) => sum + stateBytesOf(image), 0);
    await run.world.put("visits", growing, byUser);
    return run;
  }

  const shardId = "shardId-000000000000";

  async function untilItStops({ world }: HeapWorld, environment: SlotEnvironment) {
    const records = await world.records("visits", shardId);
    for (let at = 0; at < records.length; at += 10) {
      try {
        const some = records.slice(at, at + 10);
        await processBatch(environment, { stream: "visits", shardId, records: some });
      } catch (thrown) {
        return { thrown, at };
      }
    }
    return undefined;
  }

  test("raises an alarm, then commits nothing more and says what to do, and goes on where there is more memory", async () => {
    const run = await nearLimit(100_000);
    const end = await untilItStops(run, run.environment());
    expect(end?.thrown).toMatchObject({ code: "state-too-large", retryable: false });
    expect(String(end?.thrown)).toMatch(/slot visits\/shardId-0+ alone: \d+ keys.*more memory/s);
    const codes = run.world.alarms.map(({ code }) => code);
    expect(codes[0]).toBe("state-near-limit");
    expect(codes.at(-1)).toBe("state-too-large");
    const roomy = run.world.environment({ ...run.world.ports, heap: modelledHeap(1e9) });
    await run.world.ports.admin.endStream("visits");
    const feed = driver({ world: run.world, pick: () => roomy });
    await feed.untilEnded(run.world.coordinator(() => roomy));
    expect(await rowsOf(run.world.ports, "counts")).toHaveLength(200);
  });

  test("has garbage collected only where the heap has grown since, and not at every step", async () => {
    const run = await heapWorld(1_000);
    let collected = 0;
    run.heap.bytesOf = () => 680;
    run.heap.garbageBytes = 30;
    const { collect } = run.heap;
    run.heap.collect = () => {
      collected += 1;
      collect.call(run.heap);
    };
    await run.world.put("visits", growing, byUser);
    const records = await run.world.records("visits", shardId);
    const environment = run.environment();
    const collections: number[] = [];
    for (let at = 0; at < 50; at += 10) {
      const some = records.slice(at, at + 10);
      await processBatch(environment, { stream: "visits", shardId, records: some });
      collections.push(collected);
      run.heap.garbageBytes += 25;
    }
    // 710 at first, then 680, 705, 730, 755 once that is more than 50 above what was alive, and 680 again.
    expect(collections).toEqual([1, 1, 1, 2, 2]);
  });

  test("ends a step that fills the heap, so that what it has done is committed", async () => {
    const run = await heapWorld(1_000);
    run.heap.bytesOf = () => 100;
    const { measure } = run.heap;
    run.heap.measure = () => {
      // Each time that a step looks there is more garbage.
      run.heap.garbageBytes += 250;
      return measure.call(run.heap);
    };
    await run.world.put("visits", growing, byUser);
    const records = await run.world.records("visits", shardId);
    const environment = run.environment();
    expect(await processBatch(environment, { stream: "visits", shardId, records })).toEqual({});
    expect(environment.events.commits).toBeGreaterThan(1);
  });

  test("stops while its state is loaded, and not in the middle of a crash", async () => {
    const run = await nearLimit(1e9);
    const settings = { ...run.world.runtime.settings, partDeltaBytes: 500 };
    const writing = run.environment();
    Object.assign(writing.job, { settings });
    expect(await untilItStops(run, writing)).toBeUndefined();
    const cold = run.world.environment({
      ...run.world.ports,
      heap: {
        measure: () => ({ usedBytes: cold.events.loads === 0 ? 90 : 0, limitBytes: 100 }),
        collect() {},
      },
    });
    const batch = {
      stream: "visits",
      shardId,
      records: await run.world.records("visits", shardId),
    };
    await expect(processBatch(cold, batch)).rejects.toMatchObject({ code: "state-too-large" });
    expect(cold.events.loads).toBe(0);
  });
});
