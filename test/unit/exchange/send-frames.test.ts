import { describe, expect, test } from "vitest";
import type { Frame, FramePointer } from "../../../runtime/exchange/frame.ts";
import { packElements } from "../../../runtime/exchange/frame.ts";
import type { SentCommit } from "../../../runtime/exchange/cut-frames.ts";
import { frameSender } from "../../../runtime/exchange/send-frames.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import type { PutEntry, PutResult } from "../../../runtime/ports/index.ts";
import { envelopeKind, openEnvelope } from "../../../runtime/serde/envelope.ts";
import { countingRandom, manualClock } from "../../integration/slot-world.ts";

const groupCount = 8;
const inlineMaxBytes = 900_000;
const stream = "exchange";

const block = (group: number, text = `g${group}`) => ({
  stage: "s",
  group,
  count: 1,
  elements: packElements({ timestamps: [0], values: [text] }),
});

const commit = (groups: readonly number[], version = 7): SentCommit => ({
  job: "j",
  generation: 1,
  plan: "p",
  slot: "in/0",
  version,
  epoch: 0,
  blocks: groups.map((group) => block(group)),
});

/** How the frames of a world show a block for all groups. */
const forAll = -1;

/** A commit with a broadcast. */
function toAll(version: number, groups: readonly number[] = []): SentCommit {
  const { group: _, ...broadcast } = block(0, "to all");
  const keyed = commit(groups, version);
  return { ...keyed, blocks: [{ ...broadcast, input: 1 }, ...keyed.blocks] };
}

async function world(shards: number) {
  const clock = manualClock();
  const ports = memoryPorts({ clock, random: countingRandom() });
  await ports.admin.createStream(stream, { shards });
  const calls: (readonly PutEntry[])[] = [];
  let dropped: (call: number, index: number) => boolean = () => false;
  const before = new Map<number, () => Promise<void>>();
  const gated = {
    ...ports,
    writer: {
      put: async (name: string, entries: readonly PutEntry[]) => {
        const call = calls.length;
        calls.push(entries);
        await before.get(call)?.();
        const kept = entries.filter((_, index) => !dropped(call, index));
        const put = kept.length === 0 ? [] : [...(await ports.writer.put(name, kept))];
        return entries.map((_, index): PutResult =>
          dropped(call, index) ? { put: false, reason: "throttled" } : put.shift()!,
        );
      },
    },
  };
  return {
    ports,
    calls,
    sender: frameSender({ ports: gated, stream, groupCount, inlineMaxBytes }),
    drop: (which: typeof dropped) => (dropped = which),
    /** Does something before a call is made. */
    between: (call: number, act: () => Promise<void>) => before.set(call, act),
    /** What lies in each shard: the groups of each frame and what it speaks for. */
    async frames() {
      const found: Record<string, { groups: number[]; speaksFor: Frame["speaksFor"] }[]> = {};
      for (const { shardId } of await ports.reader.listShards(stream)) {
        const { records } = await ports.reader.read({
          stream,
          shardId,
          from: { kind: "earliest" },
          maxRecords: 100,
        });
        found[shardId.slice(-1)] = records.map(({ data }) => {
          const frame = openEnvelope("frame", data, ports.compression) as Frame;
          return {
            groups: frame.blocks.map(({ group = forAll }) => group),
            speaksFor: frame.speaksFor,
          };
        });
      }
      return found;
    },
  };
}

describe("sending the frames of a commit", () => {
  test("one frame goes to each shard that gets data, and speaks for all of the shard's groups", async () => {
    const { sender, frames, calls } = await world(4);
    await sender.send(commit([0, 1, 7]));
    expect(calls).toHaveLength(1);
    expect(await frames()).toEqual({
      0: [{ groups: [0, 1], speaksFor: [[0, 1]] }],
      1: [],
      2: [],
      3: [{ groups: [7], speaksFor: [[6, 7]] }],
    });
  });

  test("where a part of a put fails only that part is sent again, and speaks only for what it carries", async () => {
    const { sender, frames, drop } = await world(2);
    drop((call, index) => call === 0 && index === 1);
    await sender.send(commit([1, 5, 7]));
    expect(await frames()).toEqual({
      0: [{ groups: [1], speaksFor: [[0, 3]] }],
      1: [
        {
          groups: [5, 7],
          speaksFor: [
            [5, 5],
            [7, 7],
          ],
        },
      ],
    });
  });

  test("what landed in a child that does not own it goes to the one that does", async () => {
    const { sender, frames, ports } = await world(2);
    await sender.send(commit([0], 6));
    await ports.admin.split(stream, "shardId-000000000000");
    await sender.send(commit([0, 1, 3, 5]));
    expect(await frames()).toEqual({
      0: [{ groups: [0], speaksFor: [[0, 3]] }],
      1: [{ groups: [5], speaksFor: [[4, 7]] }],
      // By the old map the frame is for groups 0 to 3; it landed where the first of its blocks belongs.
      2: [{ groups: [0, 1, 3], speaksFor: [[0, 3]] }],
      3: [{ groups: [3], speaksFor: [[3, 3]] }],
    });
  });

  test("frames of one version for shards that were merged both land in the one shard, each for its own range", async () => {
    const { sender, frames, ports } = await world(2);
    await sender.send(commit([0], 6));
    await ports.admin.merge(stream, "shardId-000000000000", "shardId-000000000001");
    await sender.send(commit([1, 6]));
    expect((await frames())["2"]).toEqual([
      { groups: [1], speaksFor: [[0, 3]] },
      { groups: [6], speaksFor: [[4, 7]] },
    ]);
  });

  test("a frame over the record's limit is put into an object, and the record names it", async () => {
    const { sender, ports } = await world(1);
    const noise = Array.from({ length: 200_000 }, (_, at) =>
      Math.imul(at, 0x9e3779b1).toString(36),
    ).join("");
    const large = { ...commit([]), blocks: [block(0, noise), block(4, noise)] };
    await sender.send(large);
    const from = { kind: "earliest" } as const;
    const { records } = await ports.reader.read({
      stream,
      shardId: "shardId-000000000000",
      from,
      maxRecords: 10,
    });
    expect(records).toHaveLength(1);
    expect(envelopeKind(records[0]!.data)).toBe("framePointer");
    const pointer = openEnvelope(
      "framePointer",
      records[0]!.data,
      ports.compression,
    ) as FramePointer;
    expect(pointer.objectKey).toMatch(/^j\/1\/frames\/in\/0\/7-/);
    const object = await ports.objects.get(pointer.objectKey);
    const frame = openEnvelope("frame", object!, ports.compression) as Frame;
    expect(frame.blocks.map(({ group }) => group)).toEqual([0, 4]);
    expect(frame.speaksFor).toEqual([[0, 7]]);
  });

  test("what landed in a shard that no list shows is not delivered before one does", async () => {
    const { ports, frames } = await world(2);
    const old = await ports.reader.listShards(stream);
    let lists = 0;
    const reader = {
      ...ports.reader,
      listShards: async (name: string) => (lists++ < 5 ? old : await ports.reader.listShards(name)),
    };
    const sender = frameSender({ ports: { ...ports, reader }, stream, groupCount, inlineMaxBytes });
    await sender.send(commit([0], 6));
    await ports.admin.split(stream, "shardId-000000000000");
    await sender.send(commit([0, 3]));
    expect(lists).toBeGreaterThan(5);
    const { 2: low, 3: high } = await frames();
    // Once each: it waits for the list, and does not put the same again and again meanwhile.
    expect(low?.map(({ groups }) => groups)).toEqual([[0, 3]]);
    expect(high?.map(({ groups }) => groups)).toEqual([[3]]);
  });

  test("a map with a hole, from amid a reshard, is read anew and not kept", async () => {
    const { ports, frames } = await world(2);
    let lists = 0;
    const reader = {
      ...ports.reader,
      listShards: async (name: string) => {
        const shards = await ports.reader.listShards(name);
        return lists++ < 3 ? shards.slice(0, 1) : shards;
      },
    };
    const sender = frameSender({ ports: { ...ports, reader }, stream, groupCount, inlineMaxBytes });
    await sender.send(commit([0, 5]));
    expect(await frames()).toEqual({
      0: [{ groups: [0], speaksFor: [[0, 3]] }],
      1: [{ groups: [5], speaksFor: [[4, 7]] }],
    });
  });

  test("what is broadcast goes to each shard, in one frame with what is for its groups", async () => {
    const { sender, frames, calls } = await world(3);
    await sender.send(toAll(7, [0]));
    expect(calls).toHaveLength(1);
    expect(await frames()).toEqual({
      0: [{ groups: [forAll, 0], speaksFor: [[0, 2]] }],
      1: [{ groups: [forAll], speaksFor: [[3, 5]] }],
      2: [{ groups: [forAll], speaksFor: [[6, 7]] }],
    });
  });

  test("where a part of a put fails a broadcast goes again to whom it has not reached, and speaks for nothing", async () => {
    const { sender, frames, drop } = await world(2);
    drop((call, index) => call === 0 && index === 1);
    await sender.send(toAll(7));
    expect(await frames()).toEqual({
      0: [{ groups: [forAll], speaksFor: [[0, 3]] }],
      1: [{ groups: [forAll], speaksFor: [] }],
    });
  });

  test("a broadcast of which a part landed elsewhere goes to all shards of the new list: one may have its copy from whom it had not reached", async () => {
    const { sender, frames, drop, between, ports } = await world(2);
    await sender.send(toAll(6));
    // The first of two shards is reached, then both are one, and two others.
    between(2, async () => {
      await ports.admin.merge(stream, "shardId-000000000000", "shardId-000000000001");
      await ports.admin.split(stream, "shardId-000000000002");
    });
    drop((call, index) => call === 1 && index === 1);
    await sender.send(toAll(7));
    const { 0: first, 3: low, 4: high } = await frames();
    expect(first?.map(({ groups }) => groups)).toEqual([[forAll], [forAll]]);
    expect(low?.map(({ groups }) => groups)).toEqual([[forAll]]);
    expect(high?.map(({ groups }) => groups)).toEqual([[forAll]]);
  });

  test("it gives up after a bounded number of attempts, with an error that can be retried", async () => {
    const { sender, drop, calls } = await world(1);
    drop(() => true);
    await expect(sender.send(commit([2]))).rejects.toMatchObject({
      code: "exchange-undelivered",
      retryable: true,
    });
    expect(calls.length).toBeLessThanOrEqual(12);
  });
});

test("large frames are put into the object store a few at a time, whatever their number", async () => {
  const ports = memoryPorts({ clock: manualClock(), random: countingRandom() });
  await ports.admin.createStream(stream, { shards: 16 });
  let [underWay, most, bytes, mostBytes] = [0, 0, 0, 0];
  const objects = {
    ...ports.objects,
    async put(...args: Parameters<typeof ports.objects.put>) {
      most = Math.max(most, ++underWay);
      mostBytes = Math.max(mostBytes, (bytes += args[1].length));
      await Promise.resolve();
      underWay -= 1;
      bytes -= args[1].length;
      return await ports.objects.put(...args);
    },
  };
  let state = 1;
  const next = (): string =>
    String.fromCharCode(33 + (((state = Math.imul(state, 1_103_515_245) + 12_345) >>> 16) % 94));
  // Nothing that compresses well.
  const noise = Array.from({ length: 1_200_000 }, next).join("");
  const blocks = Array.from({ length: 16 }, (_, group) => block(group, noise));
  const sender = frameSender({
    ports: { ...ports, objects },
    stream,
    groupCount: 16,
    inlineMaxBytes: 900_000,
  });
  await sender.send({ ...commit([]), blocks });
  expect(most).toBeGreaterThan(0);
  expect(mostBytes).toBeLessThan(6_000_000);
  expect(most).toBeLessThanOrEqual(8);
});
