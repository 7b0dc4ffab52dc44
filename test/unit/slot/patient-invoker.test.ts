import { expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import { defineJob, fixedDelay, monotonousTimestamps, unchecked } from "../../../runtime/index.ts";
import { patientInvoker } from "../../../runtime/slot/patient-invoker.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { slotWorld } from "../../integration/slot-world.ts";

const delayMs = 5_000;
const shard = { stream: "in", shardId: "shardId-000000000000" };

/** A job whose operator fails on everything, with the times at which it was tried. */
async function failingWorld() {
  const tries: number[] = [];
  const job = defineJob(
    "patient",
    (env) => {
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<{ k: string }>() }), {
          uid: "in",
          watermarks: monotonousTimestamps({ timestamp: () => 1 }),
        })
        .map((item): { k: string } => {
          tries.push(world.clock.nowMs());
          throw new Error(`no ${item.k}`);
        })
        .sinkTo(dynamodbSink<{ k: string }>({ table: "out", key: ["k"] }), { uid: "out" });
    },
    { restart: fixedDelay({ attempts: 3, delay: { seconds: 5 } }) },
  );
  const world = await slotWorld(job);
  await world.put("in", [{ k: "a" }], () => "a");
  const [record] = await world.records("in", shard.shardId);
  const hand = () => processBatch(world.environment(), { ...shard, records: [record!] });
  return { world, tries, hand };
}

test("the delay between attempts is kept, although the coordinator asks for the slot meanwhile", async () => {
  const { world, tries, hand } = await failingWorld();
  const job = world.environment().job;
  const invoker = patientInvoker(job, { invoke: async () => void (await hand()) });
  const { clock } = world;
  const sleep = clock.sleep.bind(clock);
  let asked = 0;
  // While an invocation sleeps, the coordinator finds the slot quiet and asks for it.
  clock.sleep = async (durationMs) => {
    if (durationMs === delayMs) {
      asked += 1;
      await invoker.invoke(shard);
    }
    await sleep(durationMs);
  };
  const startMs = clock.nowMs();
  for (let attempt = 0; attempt < 4; attempt++) await hand();
  expect(asked).toBe(3);
  expect(tries.map((atMs) => atMs - startMs)).toEqual([0, delayMs, 2 * delayMs, 3 * delayMs]);
});

test("a slot that does not wait is invoked, and one whose time was written by a clock far ahead", async () => {
  const { world, hand } = await failingWorld();
  const { job } = world.environment();
  let invoked = 0;
  const invoker = patientInvoker(job, { invoke: async () => void (invoked += 1) });
  await invoker.invoke(shard);
  expect(invoked).toBe(1);
  await hand();
  await invoker.invoke(shard);
  expect(invoked).toBe(2);
  world.clock.advance(-1 - delayMs);
  await invoker.invoke(shard);
  expect(invoked).toBe(3);
});

test("the generation is read once a second, however many slots are invoked, and anew where that failed", async () => {
  const { world } = await failingWorld();
  const { control } = world.ports;
  let reads = 0;
  const get: typeof control.get = async (key) => {
    if (key.sort !== "generation") return await control.get(key);
    reads += 1;
    if (reads === 2) throw new Error("throttled");
    return await control.get(key);
  };
  let invoked = 0;
  const job = {
    ...world.environment().job,
    ports: { ...world.ports, control: { ...control, get } },
  };
  const invoker = patientInvoker(job, { invoke: async () => void (invoked += 1) });
  const invokeMany = async () =>
    void (await Promise.all(Array.from({ length: 20 }, () => invoker.invoke(shard))));
  await invokeMany();
  world.clock.advance(999);
  await invokeMany();
  expect({ reads, invoked }).toEqual({ reads: 1, invoked: 40 });
  world.clock.advance(1);
  await expect(invoker.invoke(shard)).rejects.toThrow("throttled");
  await invokeMany();
  expect({ reads, invoked }).toEqual({ reads: 3, invoked: 60 });
});
