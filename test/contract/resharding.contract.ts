import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMillraceError } from "../../runtime/errors/millrace-error.ts";
import {
  entryOf,
  highestHash,
  isAfter,
  lowestHash,
  middleHash,
  putInOrder,
  readThrough,
  type StreamCapabilities,
  type StreamFixture,
} from "./stream-fixture.ts";

export function reshardingContract(
  name: string,
  create: () => Promise<StreamFixture>,
  { canEnd }: StreamCapabilities,
): void {
  describe(`resharding streams: ${name}`, () => {
    let fixture: StreamFixture;
    beforeAll(async () => void (fixture = await create()));
    afterAll(() => fixture.close());

    const createSingle = async (stream: string): Promise<string> => {
      await fixture.createStream(stream, { shards: 1 });
      return (await fixture.reader.listShards(stream))[0]!.shardId;
    };
    const createSplit = async (stream: string) => {
      const parent = await createSingle(stream);
      const [parentSequence] = await putInOrder(fixture, stream, ["parent"]);
      await fixture.split(stream, parent);
      const [, low, high] = await fixture.reader.listShards(stream);
      return { parent, parentSequence: parentSequence!, low: low!, high: high! };
    };

    test("halves a shard: it closes, and its children name it and share its range", async () => {
      const { parent, low, high } = await createSplit("split");
      const [closed] = await fixture.reader.listShards("split");
      expect(closed).toMatchObject({ shardId: parent, closed: true, parents: [] });
      const halfEnd = `7${"f".repeat(31)}`;
      expect(low).toMatchObject({ firstHash: lowestHash, lastHash: halfEnd, closed: false });
      expect(high).toMatchObject({ firstHash: middleHash, lastHash: highestHash, closed: false });
      expect([low.parents, high.parents]).toEqual([[parent], [parent]]);
    });

    test("keeps a closed parent readable to its end, and says there that it has ended", async () => {
      const { parent, parentSequence } = await createSplit("closed");
      const place = { stream: "closed", shardId: parent };
      expect(await readThrough(fixture, place)).toMatchObject({ texts: ["parent"], ended: true });
      const from = { kind: "after", sequence: parentSequence } as const;
      const rest = await readThrough(fixture, { ...place, from });
      expect(rest).toMatchObject({ texts: [], ended: true });
    });

    test("ends an empty parent at once", async () => {
      const parent = await createSingle("hollow");
      await fixture.split("hollow", parent);
      const read = await readThrough(fixture, { stream: "hollow", shardId: parent });
      expect(read).toMatchObject({ texts: [], ended: true });
    });

    test("routes to the children, whose sequence numbers come after their parent's", async () => {
      const { parentSequence, low, high } = await createSplit("routed");
      const results = await fixture.writer.put("routed", [
        entryOf("low", low.lastHash),
        entryOf("high", high.firstHash),
      ]);
      expect(results).toMatchObject([
        { put: true, shardId: low.shardId },
        { put: true, shardId: high.shardId },
      ]);
      for (const [index, shardId] of [low.shardId, high.shardId].entries()) {
        const { records, texts, ended } = await readThrough(fixture, { stream: "routed", shardId });
        expect({ texts, ended }).toEqual({ texts: [["low", "high"][index]], ended: false });
        expect(isAfter(records[0]!.sequence, parentSequence)).toBe(true);
      }
    });

    test("merges adjacent shards into a child of both, whose range is theirs", async () => {
      const { low, high } = await createSplit("merged");
      const sequences: string[] = [];
      for (const { firstHash } of [low, high]) {
        const [result] = await fixture.writer.put("merged", [entryOf("half", firstHash)]);
        if (result?.put) sequences.push(result.sequence);
      }
      await fixture.merge("merged", low.shardId, high.shardId);
      const shards = await fixture.reader.listShards("merged");
      expect(shards.map(({ closed }) => closed)).toEqual([true, true, true, false]);
      const child = shards.at(-1)!;
      expect(child).toMatchObject({ firstHash: lowestHash, lastHash: highestHash });
      expect(child.parents.toSorted()).toEqual([low.shardId, high.shardId].toSorted());
      const [result] = await fixture.writer.put("merged", [entryOf("whole")]);
      expect(result).toMatchObject({ put: true, shardId: child.shardId });
      const { records } = await readThrough(fixture, { stream: "merged", shardId: child.shardId });
      expect(sequences).toHaveLength(2);
      for (const sequence of sequences) {
        expect(isAfter(records[0]!.sequence, sequence)).toBe(true);
      }
    });

    test("covers the hash space exactly once with its open shards, after any resharding", async () => {
      await fixture.createStream("cover", { shards: 3 });
      const ids = (await fixture.reader.listShards("cover")).map(({ shardId }) => shardId);
      await fixture.split("cover", ids[1]!);
      const open = (await fixture.reader.listShards("cover")).filter(({ closed }) => !closed);
      const inOrder = open.toSorted((a, b) => (a.firstHash < b.firstHash ? -1 : 1));
      await fixture.merge("cover", inOrder[0]!.shardId, inOrder[1]!.shardId);
      const after = (await fixture.reader.listShards("cover")).filter(({ closed }) => !closed);
      const ranges = after.toSorted((a, b) => (a.firstHash < b.firstHash ? -1 : 1));
      let first = 0n;
      for (const { firstHash, lastHash } of ranges) {
        expect(BigInt(`0x${firstHash}`)).toBe(first);
        first = BigInt(`0x${lastHash}`) + 1n;
      }
      expect(first).toBe(1n << 128n);
      expect(ranges).toHaveLength(3);
    });

    // Kinesis has no end of a stream: there these two say nothing.
    const endedStreams = canEnd ? ["an ended stream"] : [];
    test.each(endedStreams)("ends every shard of %s, without children", async () => {
      await fixture.createStream("ended", { shards: 2 });
      await fixture.writer.put("ended", [entryOf("a", lowestHash), entryOf("b", highestHash)]);
      await fixture.endStream!("ended");
      const shards = await fixture.reader.listShards("ended");
      expect(shards.map(({ closed }) => closed)).toEqual([true, true]);
      for (const [index, { shardId }] of shards.entries()) {
        const read = await readThrough(fixture, { stream: "ended", shardId });
        expect(read).toMatchObject({ texts: [["a", "b"][index]], ended: true });
      }
    });

    test.each(endedStreams)("refuses to put into %s, and to reshard it", async () => {
      const shardId = await createSingle("over");
      await fixture.endStream!("over");
      await fixture.endStream!("over");
      const refusals = [
        fixture.writer.put("over", [entryOf("late")]),
        fixture.split("over", shardId),
      ];
      for (const refusal of refusals) {
        const failure: unknown = await refusal.then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failure).toSatisfy(isMillraceError);
        expect(failure).toMatchObject({ domain: "store", retryable: false });
      }
    });
  });
}
