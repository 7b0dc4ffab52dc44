import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import { inputError, storeError } from "../../../runtime/errors/millrace-error.ts";
import { defineJob, elementType, noWatermarks, unchecked } from "../../../runtime/index.ts";
import type { KeyedTable, Ports, StreamWriter } from "../../../runtime/ports/index.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import type { DeadLetter } from "../../../runtime/job/dead-letter.ts";
import { putRefusals } from "../../../runtime/slot/commit/put-refusals.ts";
import { sizeOfCall } from "../../../runtime/slot/commit/deliver-writes.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";

interface Item {
  readonly id: string;
  readonly n: number;
}

interface Write {
  readonly index: number;
}

const shardId = "shardId-000000000000";
const batch = { stream: "in", shardId };

const toTable = defineJob("items", (env) => {
  env
    .source(kinesisSource({ stream: "in", schema: unchecked<Item>() }), {
      uid: "in",
      watermarks: noWatermarks(),
      partitionedBy: ({ id }) => id,
    })
    .keyBy((item) => item.id)
    .process({ uid: "all", emits: elementType<Item>(), onElement: (item, ctx) => ctx.emit(item) })
    .sinkTo(dynamodbSink<Item>({ table: "out", key: ["id"] }), { uid: "out" });
});

const someItems = (count: number): Item[] =>
  Array.from({ length: count }, (_, n) => ({ id: `i${n}`, n }));

/** Every letter under the job's prefix, whichever way it lies there. */
async function letters({ ports }: SlotWorld) {
  const found: { key: string; letter: Record<string, unknown> }[] = [];
  for await (const key of ports.objects.list("items/1/dead-letters/"))
    for (const line of new TextDecoder().decode(await ports.objects.get(key)).split("\n"))
      if (line !== "") found.push({ key, letter: JSON.parse(line) as Record<string, unknown> });
  return found;
}

describe("a delivery that is cut off", () => {
  /** Each row takes 10 ms; after `rowsMax` rows the process is gone: none of its calls gets anywhere. */
  function dying({ ports, clock }: SlotWorld, rowsMax: number): Ports {
    let left = rowsMax;
    const gone = (): never => {
      throw storeError("process-gone", { message: "The process is gone.", retryable: true });
    };
    const tables: KeyedTable = {
      ...ports.tables,
      async write(table, writes, writer) {
        const some = writes.slice(0, left);
        left -= some.length;
        clock.advance(some.length * 10);
        const summary = await ports.tables.write(table, some, writer);
        return some.length < writes.length ? gone() : summary;
      },
    };
    const control = {
      ...ports.control,
      put: async (...args: Parameters<typeof ports.control.put>) =>
        left > 0 ? ports.control.put(...args) : gone(),
    };
    return { ...ports, tables, control };
  }

  test("goes on where it ended: 400 rows come out of a function that manages 300 puts an invocation", async () => {
    const world = await slotWorld(toTable);
    await world.put("in", someItems(400), (item: Item) => item.id);
    const records = await world.records("in", shardId);
    let invocations = 0;
    for (let isDone = false; !isDone && invocations < 10; invocations++) {
      const environment = world.environment(dying(world, 300));
      isDone = await processBatch(environment, { ...batch, records }).then(
        () => true,
        () => false,
      );
    }
    expect(await rowsOf(world.ports, "out")).toHaveLength(400);
    expect(invocations).toBe(2);
  });

  test("stops by itself before its time is over, and marks how far it has come", async () => {
    const world = await slotWorld(toTable);
    await world.put("in", someItems(400), (item: Item) => item.id);
    const records = await world.records("in", shardId);
    let invocations = 0;
    for (let isDone = false; !isDone && invocations < 10; invocations++) {
      const endMs = world.clock.nowMs() + 2_000;
      const deadline = { remainingMs: () => endMs - world.clock.nowMs() };
      const environment = world.environment(dying(world, 10_000));
      isDone = await processBatch(environment, { ...batch, records, deadline }).then(
        () => true,
        (thrown: unknown) => {
          expect(thrown).toMatchObject({ code: "delivery-unfinished" });
          return false;
        },
      );
      expect(world.clock.nowMs()).toBeLessThan(endMs);
    }
    expect(await rowsOf(world.ports, "out")).toHaveLength(400);
    // 400 rows at 10 ms each.
    expect(invocations).toBeLessThan(5);
  });

  test("takes one write at least where its time is up and no clock shows what a write takes: 0 / 0 is no size", () => {
    const writeMs = new Map([["out", 0]]);
    const at = (remainingMs: number) => ({
      writeMs,
      time: { remainingMs: () => remainingMs, shareLeft: () => 1 },
    });
    expect(sizeOfCall(at(0), "out", 200)).toBe(1);
    expect(sizeOfCall(at(10_000), "out", 200)).toBe(200);
    expect(sizeOfCall(at(Number.POSITIVE_INFINITY), "out", 200)).toBeGreaterThan(200);
    expect(sizeOfCall(at(0), "another", 200)).toBe(25);
  });
});

describe("a committed write that its store refuses", () => {
  const refusing = (world: SlotWorld, isRefused: (id: unknown) => boolean) => {
    const offered: unknown[] = [];
    const tables: KeyedTable = {
      ...world.ports.tables,
      async write(table, writes, writer) {
        const refused = writes.flatMap(({ key }, at) =>
          isRefused(key["id"]) ? [{ at, reason: "the key is of another type" }] : [],
        );
        offered.push(...refused.map(({ at }) => writes[at]!.key["id"]));
        const taken = writes.filter(({ key }) => !isRefused(key["id"]));
        return { ...(await world.ports.tables.write(table, taken, writer)), refused };
      },
    };
    return { offered, ports: { ...world.ports, tables } };
  };

  test("is offered a few times, then it is a dead letter with an alarm, and the slot goes on", async () => {
    const world = await slotWorld(toTable);
    const { ports, offered } = refusing(world, (id) => id === "i1");
    await world.put("in", someItems(3), (item: Item) => item.id);
    const records = await world.records("in", shardId);
    expect(await processBatch(world.environment(ports), { ...batch, records })).toEqual({});
    expect(await rowsOf(world.ports, "out")).toEqual(['{"id":"i0","n":0}', '{"id":"i2","n":2}']);
    expect(offered).toEqual(["i1", "i1", "i1"]);
    const [only, ...others] = await letters(world);
    expect(others).toEqual([]);
    expect(only!.letter).toMatchObject({
      kind: "write-refused",
      operator: "out",
      reason: "the key is of another type",
      write: { target: "out", kind: "upsert", version: 1, index: 1 },
      payload: JSON.stringify({ id: "i1", n: 1 }),
    });
    expect(world.alarms.map(({ code }) => code)).toContain("write-refused");
  });

  test("is counted once for its sink, whoever delivers again and whoever goes on", async () => {
    const world = await slotWorld(toTable);
    const { ports } = refusing(world, (id) => id === "i1");
    await world.put("in", someItems(3), (item: Item) => item.id);
    const records = await world.records("in", shardId);
    // The process dies when the outcome is recorded, and before the slot's progress is.
    const control = {
      ...ports.control,
      put: async (...args: Parameters<typeof ports.control.put>) => {
        if (args[0].partition.endsWith("#progress"))
          throw storeError("process-gone", { message: "The process is gone.", retryable: true });
        return ports.control.put(...args);
      },
    };
    const dying = world.environment({ ...ports, control });
    await expect(processBatch(dying, { ...batch, records })).rejects.toThrow("process is gone");
    await processBatch(world.environment(ports), { ...batch, records });
    expect(await letters(world)).toHaveLength(1);
    await world.put("in", [{ id: "i9", n: 9 }], (item: Item) => item.id);
    const all = await world.records("in", shardId);
    await processBatch(world.environment(ports), { ...batch, records: all });
    const [slot] = await listProgress(world.ports, { job: "items", generation: 1 });
    expect(slot).toMatchObject({
      version: 2,
      counters: { deadLetters: 1, deadLettersByOperator: { "all/out": 1 } },
    });
  });

  test("has its letter although somebody who was stopped had begun with a smaller call", async () => {
    const world = await slotWorld(toTable);
    const { ports } = refusing(world, () => true);
    await world.put("in", someItems(60), (item: Item) => item.id);
    const records = await world.records("in", shardId);
    // The process dies behind the letters of its first call, before it has noted how far it has come.
    const control = {
      ...ports.control,
      put: async (...args: Parameters<typeof ports.control.put>) => {
        if (args[0].partition.endsWith("#deliveries"))
          throw storeError("process-gone", { message: "The process is gone.", retryable: true });
        return ports.control.put(...args);
      },
    };
    const dying = world.environment({ ...ports, control });
    await expect(processBatch(dying, { ...batch, records })).rejects.toThrow("process is gone");
    const begun = await letters(world);
    expect(begun.length).toBeGreaterThan(0);
    expect(begun.length).toBeLessThan(60);
    const knowing = world.environment(ports);
    knowing.writeMs.set("out", 0.1);
    await processBatch(knowing, { ...batch, records });
    const found = (await letters(world)).map(({ letter }) => (letter["write"] as Write).index);
    expect(found.toSorted((one, other) => one - other)).toEqual([...Array(60).keys()]);
  });

  test("has its letter although the object in its place can't be read, or is another's", async () => {
    const world = await slotWorld(toTable);
    for (const there of ['{"write":{"index":1},"payload":"other"}\n', '{"write" 7', "null\n"]) {
      const { objects, random } = world.ports;
      const letter = { write: { index: 1 }, payload: "one" } as DeadLetter;
      const prefix = `items/1/dead-letters/${random.id()}`;
      await objects.put(`${prefix}-0-0.jsonl`, new TextEncoder().encode(there));
      for (let attempt = 0; attempt < 3; attempt++)
        await putRefusals({ objects, random }, prefix, [letter]);
      const keys: string[] = [];
      for await (const key of objects.list(prefix)) keys.push(key);
      const texts = await Promise.all(
        keys.map(async (key) => new TextDecoder().decode(await objects.get(key))),
      );
      expect(texts.filter((text) => text.includes('"payload":"one"'))).toHaveLength(1);
    }
  });

  test("a record that a stream will never take is a dead letter, and those beside it are put", async () => {
    const toStream = defineJob("items", (env) => {
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<Item>() }), {
          uid: "in",
          watermarks: noWatermarks(),
        })
        .sinkTo(kinesisSink<Item>({ stream: "out", partitionKey: ({ id }) => id }), { uid: "out" });
    });
    const world = await slotWorld(toStream);
    const writer: StreamWriter = {
      async put(stream, entries) {
        if (stream === "out" && entries.some(({ partitionKey }) => partitionKey === "i1"))
          throw inputError("record-too-large", { message: "One of the records is too large." });
        return await world.ports.writer.put(stream, entries);
      },
    };
    await world.put("in", someItems(3), (item: Item) => item.id);
    const records = await world.records("in", shardId);
    const environment = world.environment({ ...world.ports, writer });
    expect(await processBatch(environment, { ...batch, records })).toEqual({});
    expect(await world.records("out", shardId)).toHaveLength(2);
    expect((await letters(world)).map(({ letter }) => letter["operator"])).toEqual(["out"]);
  });

  test("a table that can't be written as a whole makes its shard wait: nothing is written off", async () => {
    const world = await slotWorld(toTable);
    const tables: KeyedTable = {
      ...world.ports.tables,
      write: async () => {
        throw storeError("store-access-denied", { message: "Denied." });
      },
    };
    await world.put("in", someItems(3), (item: Item) => item.id);
    const records = await world.records("in", shardId);
    const environment = world.environment({ ...world.ports, tables });
    await expect(processBatch(environment, { ...batch, records })).rejects.toThrow("Denied");
    expect(await letters(world)).toEqual([]);
  });
});

describe("dead letters of one commit", () => {
  test("are packed: 2,500 of them are three objects, put one after the other", async () => {
    const world = await slotWorld(toTable);
    let [underWay, most] = [0, 0];
    const objects = {
      ...world.ports.objects,
      async put(...args: Parameters<typeof world.ports.objects.put>) {
        most = Math.max(most, ++underWay);
        await Promise.resolve();
        underWay -= 1;
        return await world.ports.objects.put(...args);
      },
    };
    await world.put(
      "in",
      Array.from({ length: 2_500 }, () => "{not json"),
    );
    const records = await world.records("in", shardId);
    await processBatch(world.environment({ ...world.ports, objects }), { ...batch, records });
    const all = await letters(world);
    expect(all).toHaveLength(2_500);
    expect(new Set(all.map(({ letter }) => letter["sequence"])).size).toBe(2_500);
    expect(new Set(all.map(({ key }) => key)).size).toBe(3);
    expect(most).toBeLessThan(5);
  });
});
