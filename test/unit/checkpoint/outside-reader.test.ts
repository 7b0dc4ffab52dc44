import { zstdDecompressSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { type Manifest, readManifest } from "../../../runtime/checkpoint/manifest.ts";
import { objectNames } from "../../../runtime/layout/names.ts";
import { readSavepoint } from "../../../runtime/savepoints/read-savepoint.ts";
import { askForSavepoint } from "../../../runtime/savepoints/requests.ts";
import { stateJson } from "../../../runtime/savepoints/state-json.ts";
import { notes, notesJob, putNotes } from "../../integration/notes-job.ts";
import { driver, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { decodePlain, type Extension } from "./plain-decoder.ts";

/** A savepoint with blocks in flight. */
async function withSavepoint(): Promise<{
  readonly world: SlotWorld;
  readonly manifest: Manifest;
}> {
  const world = await slotWorld(notesJob, { exchangeShards: 2 });
  const environment = world.environment();
  let batchSize = 25;
  const feed = driver({
    world,
    pick: () => environment,
    batchSize: () => batchSize,
    order: (ids) => ids.toReversed(),
  });
  const round = world.coordinator(() => environment);
  await putNotes(world, notes.slice(0, 100));
  for (let pumps = 0; pumps < 2; pumps++) await feed.pump();
  await askForSavepoint(world.ports, { job: "notes", id: "read", kind: "savepoint" });
  // What one exchange slot has not taken yet comes to the other one behind its cut.
  await feed.pump("notes");
  batchSize = 1;
  const key = objectNames.manifest("notes", 1, 1);
  for (let rounds = 0; (await world.ports.objects.get(key)) === undefined; rounds++) {
    expect(rounds).toBeLessThan(500);
    if (rounds % 4 === 0) {
      world.clock.advance(300);
      await round();
    }
    await feed.pump();
  }
  return { world, manifest: await readManifest(world.ports.objects, key) };
}

interface Segment {
  readonly cells: readonly string[];
  readonly keys: readonly unknown[];
  readonly key: readonly number[];
  readonly cell: readonly number[];
  readonly mapKey: readonly unknown[];
  readonly committed: readonly unknown[];
}

/** Values as JSON, by the tables of docs/formats.md: what `readSavepoint` gives, found without it. */
function jsonOf(value: unknown): unknown {
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
  if (Array.isArray(value)) return value.map(jsonOf);
  if (Buffer.isBuffer(value)) return { $bytes: value.toString("base64") };
  if (typeof value !== "object" || value === null) return value;
  const { type, data } = value as Extension;
  if (Buffer.isBuffer(data)) return extensionJson(type, data);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, jsonOf(part)]));
}

function extensionJson(type: number, data: Buffer): unknown {
  const parts = (): readonly unknown[] => (decodePlain(data) as unknown[]).map(jsonOf);
  const pairs = () =>
    parts().flatMap((part, at, all) => (at % 2 === 0 ? [[part, all[at + 1]] as const] : []));
  switch (type) {
    case 0:
      return { $undefined: true };
    case -1:
      return { $date: timestamp(data).toISOString() };
    case 1:
      return { $map: pairs() };
    case 2:
      return { $set: parts() };
    case 3:
      return Object.fromEntries(pairs());
    case 5:
      return { $regexp: parts() };
    case 6:
      return { $date: null };
    case 0x42:
      return { $bigint: String(signed(data)) };
    case 0x54:
      return Buffer.from(data).swap16().toString("utf16le");
    case 0x74:
      return { $array: { type: "Float64Array", items: floats(data) } };
    default:
      throw new Error(`The document has no extension ${type}.`);
  }
}

function timestamp(data: Buffer): Date {
  if (data.length === 4) return new Date(data.readUInt32BE() * 1_000);
  const nanoseconds = Number(data.readBigUInt64BE() >> 34n);
  return new Date(
    Number(data.readBigUInt64BE() & 0x3_ffff_ffffn) * 1_000 + nanoseconds / 1_000_000,
  );
}

function signed(data: Buffer): bigint {
  return BigInt.asIntN(data.length * 8, BigInt(`0x${data.toString("hex")}`));
}

/** The code of a Float64Array is 8. */
function floats(data: Buffer): readonly number[] {
  expect(data[0]).toBe(8);
  return Array.from({ length: (data.length - 1) / 8 }, (_, at) => data.readDoubleLE(1 + at * 8));
}

/** By kind, as the document's table has it. */
const formats: Readonly<Record<number, number>> = { 5: 5, 6: 4, 7: 4 };

describe("whoever knows docs/formats.md and MessagePack", () => {
  let world: SlotWorld;
  let manifest: Manifest;
  beforeAll(async () => {
    ({ world, manifest } = await withSavepoint());
  });

  async function decoded(key: string, kind: number): Promise<unknown> {
    const data = Buffer.from((await world.ports.objects.get(key))!);
    expect([...data.subarray(0, 4)]).toEqual([0x4d, kind, formats[kind], 1]);
    return decodePlain(zstdDecompressSync(data.subarray(8)));
  }

  test("reads a savepoint's entries from its parts and segments", async () => {
    const entries = new Map<string, string>();
    for (const slot of manifest.slots) {
      const { segments } = (await decoded(slot.part.key, 5)) as { segments: { key: string }[] };
      for (const { key } of segments)
        for (const segment of (await decoded(key, 6)) as Segment[]) add(segment, entries);
    }
    const expected: string[] = [];
    for await (const row of readSavepoint(world.ports, manifest))
      expected.push(JSON.stringify(stateJson(row)));
    expect(expected.length).toBeGreaterThan(100);
    expect([...entries.values()].sort()).toEqual(expected.sort());
  });

  function add({ cells, keys, cell, mapKey, ...columns }: Segment, to: Map<string, string>): void {
    for (const [at, keyIndex] of columns.key.entries()) {
      const [operator, state] = cells[cell[at]!]!.split("/");
      const key = jsonOf(keys[keyIndex]);
      const place = {
        operator,
        state,
        key,
        ...(mapKey[at] !== null && { mapKey: jsonOf(mapKey[at]) }),
      };
      const committed = columns.committed[at];
      const value = Buffer.isBuffer(committed) ? decodePlain(committed) : committed;
      if ((committed as Extension | null)?.type === 0) to.delete(JSON.stringify(place));
      else to.set(JSON.stringify(place), JSON.stringify({ ...place, value: jsonOf(value) }));
    }
  }

  test("reads what was in flight", async () => {
    const keys = manifest.slots.flatMap(({ inFlight }) => inFlight?.key ?? []);
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      for (const block of (await decoded(key, 7)) as Record<string, unknown>[]) {
        const [timestamps, elements] = decodePlain(block["elements"] as Buffer) as unknown[][];
        expect(timestamps).toHaveLength(block["count"] as number);
        for (const element of elements ?? [])
          expect(element).toMatchObject({ notes: expect.any(Number) as number });
      }
    }
  });
});
