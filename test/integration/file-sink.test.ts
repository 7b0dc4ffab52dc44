import { describe, expect, test } from "vitest";
import { readEpochs } from "../../runtime/checkpoint/epochs.ts";
import { fileSink, fileSource, kinesisSource } from "../../runtime/connectors/index.ts";
import { storeError } from "../../runtime/errors/millrace-error.ts";
import {
  checkpointing,
  defineJob,
  elementType,
  noWatermarks,
  unchecked,
} from "../../runtime/index.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { objectNames } from "../../runtime/layout/names.ts";
import type { ObjectStore } from "../../runtime/ports/index.ts";
import { collectGarbage, copySavepoint, restore } from "../../runtime/savepoints/index.ts";
import { memoryPorts } from "../../runtime/embedded/ports.ts";
import { statusLines } from "../../cli/status-text.ts";
import { jobStatus } from "../../runtime/observe/job-status.ts";
import { runJob } from "../../testing/run-job.ts";
import { driver, slotWorld, type SlotWorld } from "./slot-world.ts";

interface Visit {
  readonly user: string;
  readonly n: number;
}

const visits = Array.from({ length: 300 }, (_, n): Visit => ({ user: `u${n % 7}`, n }));

const job = defineJob(
  "visits",
  (env) => {
    const source = env.source(kinesisSource({ stream: "in", schema: unchecked<Visit>() }), {
      uid: "in",
      watermarks: noWatermarks(),
    });
    source.sinkTo(fileSink({ folder: "raw" }), { uid: "raw" });
    source
      .keyBy(({ user }) => user)
      .process({
        uid: "kept",
        emits: elementType<Visit>(),
        onElement: (visit, ctx) => ctx.emit(visit),
      })
      .sinkTo(fileSink({ folder: "kept", toLine: ({ n }) => ({ n }) }), { uid: "kept-lines" });
  },
  { checkpoints: checkpointing({ interval: { seconds: 1 }, timeout: { seconds: 60 } }) },
);

const numbersOf = (lines: readonly unknown[] = []): readonly number[] =>
  (lines as readonly Visit[]).map(({ n }) => n).sort((one, other) => one - other);
const numbers = visits.map(({ n }) => n);

async function keysOf(store: ObjectStore, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) keys.push(key);
  return keys;
}

async function linesIn({ files }: SlotWorld["ports"], folder: string) {
  const lines: unknown[] = [];
  for (const key of await keysOf(files, `${folder}/`)) {
    const text = new TextDecoder().decode(await files.get(key));
    for (const line of text.split("\n").slice(0, -1)) lines.push(JSON.parse(line));
  }
  return numbersOf(lines);
}

/** A world whose store of files takes nothing until it is told to. */
async function started() {
  const files = memoryPorts().files;
  let isDown = false;
  const refusing: ObjectStore = {
    ...files,
    put: async (...put) => {
      if (isDown) throw storeError("store-unavailable", { message: "Down.", retryable: true });
      return await files.put(...put);
    },
  };
  const world = await slotWorld(job, { sourceShards: 2, ports: { files: refusing } });
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  let round = world.coordinator(() => environment);
  return {
    world,
    setDown: (now: boolean) => (isDown = now),
    async rounds(count: number) {
      for (let left = count; left > 0; left--) {
        while (await feed.pump());
        world.clock.advance(400);
        await round();
      }
    },
    async goOnFrom(epoch: number) {
      await restore({ job: world.runtime, manifest: objectNames.manifest("visits", 1, epoch) });
      const generation = (await readGeneration(world.ports, "visits"))!;
      round = world.coordinator(() => environment, 0, generation);
    },
    async end() {
      await world.ports.admin.endStream("in");
      await feed.untilEnded(round);
    },
    newest: async () => (await readEpochs(world.ports, "visits", 1)).epochs.newest,
  };
}

describe("a job that writes files", () => {
  test("has every line in a file when it has ended, once", async () => {
    const { files, deadLetters } = await runJob(job, { inputs: { in: visits } });
    expect(numbersOf(files["raw"])).toEqual(numbers);
    expect(numbersOf(files["kept"])).toEqual(numbers);
    expect(deadLetters).toEqual([]);
  });

  test("shows nothing before an epoch is complete, and then a file for each slot that has lines", async () => {
    const { world, rounds } = await started();
    await world.put("in", visits.slice(0, 100));
    await rounds(1);
    expect(await keysOf(world.ports.files, "")).toEqual([]);
    await rounds(8);
    expect(await linesIn(world.ports, "raw")).toEqual(numbers.slice(0, 100));
    expect(await linesIn(world.ports, "kept")).toEqual(numbers.slice(0, 100));
    expect((await keysOf(world.ports.files, "raw/")).length).toBe(2);
    await rounds(8);
    expect((await keysOf(world.ports.files, "raw/")).length).toBe(2);
  });

  test("is committing until all is visible: nobody may copy the epoch, and no other is opened", async () => {
    const { world, rounds, setDown, newest } = await started();
    setDown(true);
    await world.put("in", visits.slice(0, 100));
    await rounds(12);
    expect(await newest()).toMatchObject({ number: 1, status: "committing" });
    expect(world.alarms.map(({ code }) => code)).toEqual(["epoch-not-visible"]);
    const status = statusLines(await jobStatus(world.ports, "visits"));
    expect(status.join("\n")).toContain("none complete yet, 1 is being made visible");
    const manifest = objectNames.manifest("visits", 1, 1);
    const to = async () => ({ objects: memoryPorts().objects });
    await expect(copySavepoint(world.ports, { manifest, to })).rejects.toMatchObject({
      code: "epoch-committing",
      retryable: true,
    });
    setDown(false);
    await rounds(2);
    expect(await linesIn(world.ports, "kept")).toEqual(numbers.slice(0, 100));
    await rounds(4);
    expect((await newest())!.number).toBeGreaterThan(1);
  });

  test("that is restored from an epoch of which nothing is visible yet makes it so, and goes on", async () => {
    const { world, rounds, setDown, goOnFrom, end } = await started();
    setDown(true);
    await world.put("in", visits.slice(0, 100));
    await rounds(12);
    await collectGarbage(world.ports, { job: "visits", retain: 1, graceMs: 0 });
    await collectGarbage(world.ports, { job: "visits", retain: 1, graceMs: 0 });
    setDown(false);
    await goOnFrom(1);
    expect(await linesIn(world.ports, "raw")).toEqual(numbers.slice(0, 100));
    await world.put("in", visits.slice(100));
    await end();
    expect(await linesIn(world.ports, "raw")).toEqual(numbers);
    expect(await linesIn(world.ports, "kept")).toEqual(numbers);
  });

  test("can be restored from an epoch of a replaced generation of which nothing was visible when that was replaced", async () => {
    const { world, rounds, setDown, goOnFrom, newest } = await started();
    await world.put("in", visits.slice(0, 100));
    await rounds(8);
    while ((await newest())?.status !== "complete") await rounds(1);
    const { number: first } = (await newest())!;
    setDown(true);
    await world.put("in", visits.slice(100, 200));
    await rounds(12);
    const { number: second } = (await newest())!;
    expect(await newest()).toMatchObject({ status: "committing" });
    setDown(false);
    await goOnFrom(first);
    for (let run = 0; run < 3; run++) {
      await rounds(2);
      await collectGarbage(world.ports, { job: "visits", retain: 100, graceMs: 0 });
    }
    await goOnFrom(second);
    const lines = await linesIn(world.ports, "raw");
    expect(numbers.slice(0, 200).filter((number) => !lines.includes(number))).toEqual([]);
  });

  test("that is restored from an epoch that is visible does not write its files again", async () => {
    const { world, rounds, goOnFrom } = await started();
    await world.put("in", visits.slice(0, 100));
    await rounds(8);
    const files = await keysOf(world.ports.files, "");
    await world.ports.files.delete(files);
    await goOnFrom(1);
    expect(await keysOf(world.ports.files, "")).toEqual([]);
  });

  test("keeps no staged object that is visible", async () => {
    const { world, rounds } = await started();
    await world.put("in", visits.slice(0, 100));
    await rounds(12);
    await world.put("in", visits.slice(100, 200));
    await rounds(12);
    const staged = async () => (await keysOf(world.ports.objects, "visits/1/staged/")).length;
    expect(await staged()).toBeGreaterThan(3);
    for (let run = 0; run < 2; run++) {
      await rounds(8);
      await collectGarbage(world.ports, { job: "visits", retain: 1, graceMs: 0 });
    }
    expect(await staged()).toBe(0);
    expect(await linesIn(world.ports, "raw")).toEqual(numbers.slice(0, 200));
  });
});

test("files go through a job from folder to folder", async () => {
  const relay = defineJob("relay", (env) => {
    env
      .source(fileSource({ folder: "in", schema: unchecked<Visit>() }), {
        uid: "in",
        watermarks: noWatermarks(),
      })
      .filter(({ n }) => n % 2 === 0)
      .sinkTo(fileSink({ folder: "out" }), { uid: "out" });
  });
  const linesOf = (from: number, to: number) =>
    visits
      .slice(from, to)
      .map((visit) => JSON.stringify(visit))
      .join("\n");
  const { files } = await runJob(relay, {
    inputs: {},
    files: { "in/a.jsonl": linesOf(0, 100), "in/b.jsonl": linesOf(100, 300) },
  });
  expect(numbersOf(files["out"])).toEqual(numbers.filter((n) => n % 2 === 0));
});
