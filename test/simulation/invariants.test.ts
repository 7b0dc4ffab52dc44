import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { encodeAppended } from "../../runtime/connectors/record-id.ts";
import type { ControlRow, LogRow } from "../../runtime/ports/index.ts";
import { sealEnvelope } from "../../runtime/serde/envelope.ts";
import { faultNames } from "./faults.ts";
import { dice } from "./random.ts";
import { shapes } from "./shapes/index.ts";
import { World } from "./world.ts";

/** A job that has ended in a world without faults: whatever anyone does to its stores now breaks a rule. */
let world: World;
const plain = {
  id: 0,
  compress: (data: Uint8Array) => data,
  decompress: (data: Uint8Array) => data,
};

beforeAll(async () => {
  const shape = shapes.find(({ name }) => name === "keyed-count")!;
  world = new World({
    seed: 3,
    planned: shape.plan(dice(3)),
    suppressed: { kinds: new Set(faultNames), firings: new Set() },
    forced: new Set(),
    trace: undefined,
    mission: "none",
  });
  await world.run();
});

test("a job without faults breaks no rule", () => {
  expect(world.hasEnded).toBe(true);
  expect(world.failures).toEqual([]);
});

beforeEach(() => {
  world.failures.length = 0;
});

function expectBroken(pattern: RegExp): void {
  expect(world.failures.filter((failure) => pattern.test(failure))).not.toEqual([]);
}

function progressRows(): readonly ControlRow[] {
  return world.stores.control.list(`${world.plan.job}#1#progress`);
}

function logOf(slot: string) {
  const { ringSize } = world.settings;
  return { job: world.plan.job, generation: 1, slot, ringSize };
}

function headOf(slot: string): LogRow {
  return world.stores.log.readAll(logOf(slot)).at(-1)!;
}

const withParts = (): ControlRow =>
  progressRows().find(({ value }) => Object.hasOwn(value as object, "part"))!;

test("a version that does not follow the one before", () => {
  const slot = progressRows()[0]!.sort;
  const row = headOf(slot);
  // The ring's own condition can't tell: its place is that of an old version, or empty.
  const version = row.version + 2;
  const displaced = world.stores.log
    .readAll(logOf(slot))
    .find((old) => old.version % world.settings.ringSize === version % world.settings.ringSize);
  world.watched.living.appended(logOf(slot), { ...row, version }, displaced);
  expectBroken(/v\d+ follows v\d+$/);
});

test("a version that was appended before", () => {
  const slot = progressRows()[0]!.sort;
  world.watched.living.appended(logOf(slot), headOf(slot), undefined);
  expectBroken(/is appended twice: the log forks/);
});

test("a row that is overwritten before a part covers it", () => {
  const slot = progressRows().at(-1)!.sort;
  const row = headOf(slot);
  const version = row.version + 1;
  // No part can cover a version that is not there yet.
  world.watched.living.appended(logOf(slot), { ...row, version }, { ...row, version });
  expectBroken(/overwrites v\d+, but the progress row names a part of v\d+/);
});

test("a progress row that goes back, in versions and in watermarks", () => {
  const row = progressRows()[1]!;
  const value = row.value as Record<string, never>;
  const watermarks = Object.fromEntries(
    Object.keys(value["watermarks"]!).map((stage) => [stage, [1, false]]),
  );
  world.stores.control.put(
    { ...row, value: { ...value, version: 1, watermarks } },
    { kind: "always" },
  );
  expectBroken(/progress row of \S+ goes back from v\d+ to v1$/);
  expectBroken(/takes \S+ back from end to 1$/);
  world.stores.control.put(row, { kind: "always" });
});

test("a write of a row that was never committed", () => {
  const order = { generation: 1, version: 9_999, index: 0 };
  world.stores.tables.write("counts", [{ key: { key: "k0" }, row: { key: "k0", n: 1 }, order }], {
    job: "job",
    incarnation: 1,
    takesOver: false,
  });
  expectBroken(/a write was never committed: counts/);
});

test("an appended record that was never committed", () => {
  const { target } = world.plan.sinks.find(({ type }) => type === "kinesis")!;
  const id = {
    slot: `${world.plan.job}/exchange/shard-00`,
    generation: 1,
    version: 9_999,
    index: 0,
  };
  world.stores.streams.put(target, { partitionKey: "k0", data: encodeAppended(id, {}) });
  expectBroken(/an appended record was never committed/);
});

test("a dead letter that was never committed", () => {
  world.stores.objects.put(
    `${world.plan.job}/1/dead-letters/items/shard-00/9999-0.jsonl`,
    new Uint8Array(),
    false,
  );
  expectBroken(/a dead letter was never committed/);
});

test("a frame of a version that was never committed, and a record that is none", () => {
  const frame = {
    job: world.plan.job,
    generation: 1,
    plan: world.plan.fingerprint,
    slot: "items/shard-00",
    version: 9_999,
    epoch: 0,
    speaksFor: [],
    blocks: [],
  };
  world.stores.streams.put(world.exchange, {
    partitionKey: "k",
    data: sealEnvelope("frame", frame, plain),
  });
  world.stores.streams.put(world.exchange, { partitionKey: "k", data: new Uint8Array(9) });
  expectBroken(/a frame of items\/shard-00 v9999 was never committed/);
  expectBroken(/a record of the exchange is nothing that is known/);
});

test("a slot of a restore whose part is not there, unless the restore was given up: it may write when its part is garbage", () => {
  const [row] = progressRows();
  const late = (generation: number): ControlRow => ({
    ...row!,
    partition: `${world.plan.job}#${generation}#progress`,
    value: { ...(row!.value as object), version: 1, part: { key: "gone", version: 1 } },
  });
  world.watched.controlWritten(late(7), undefined);
  expectBroken(/is restored from a part that is not there/);
  world.failures.length = 0;
  const living = vi.spyOn(world.watched.lineage, "last", "get").mockReturnValue(9);
  world.watched.controlWritten(late(8), undefined);
  living.mockRestore();
  expect(world.failures).toEqual([]);
});

test("a row that is overwritten below a progress row that was written anew, unless its generation was replaced and the row collected", () => {
  const row = withParts();
  const { part } = row.value as unknown as { readonly part: { readonly version: number } };
  const older = { ...part, version: part.version - 1 };
  const anew = { ...row, value: { ...(row.value as object), part: older } };
  const head = headOf(row.sort);
  const overwrite = (version: number): void => {
    world.watched.controlWritten(anew, undefined);
    const displaced = { ...head, version: part.version };
    world.watched.of(1).appended(logOf(row.sort), { ...head, version }, displaced);
  };
  const living = vi.spyOn(world.watched.lineage, "last", "get").mockReturnValue(9);
  overwrite(head.version + 1);
  living.mockRestore();
  expect(world.failures.filter((failure) => failure.includes("overwrites"))).toEqual([]);
  overwrite(head.version + 2);
  expectBroken(/overwrites v\d+, but the progress row names a part of v\d+/);
});

test("a manifest that is written again, but for one that was deleted: a leader from before can write that", () => {
  const key = `${world.plan.job}/manifests/7/0000000001.json`;
  const complete = { job: world.plan.job, generation: 7, epoch: 1, status: "complete", slots: [] };
  const data = new TextEncoder().encode(JSON.stringify(complete));
  world.watched.objectWritten(key, data, undefined);
  world.failures.length = 0;
  world.watched.objectWritten(key, data, undefined);
  expectBroken(/0000000001.json is written again/);
  world.watched.objectDeleted(key);
  world.failures.length = 0;
  world.watched.objectWritten(key, data, undefined);
  expect(world.failures).toEqual([]);
});

test("an object that is written again with other content, and one that is deleted while it is needed", () => {
  const { part } = withParts().value as unknown as { readonly part: { readonly key: string } };
  const data = world.stores.objects.get(part.key)!;
  world.stores.objects.put(part.key, data.slice(1), false);
  expectBroken(/is written again with other content/);
  world.stores.objects.put(part.key, data, false);
  world.stores.objects.delete(part.key);
  expectBroken(/part \S+ is deleted although a progress row names it/);
});
