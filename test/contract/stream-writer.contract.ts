import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMillraceError } from "../../runtime/errors/millrace-error.ts";
import type { PutEntry } from "../../runtime/ports/index.ts";
import {
  entryOf,
  highestHash,
  lowestHash,
  middleHash,
  putInOrder,
  readThrough,
  type StreamCapabilities,
  type StreamFixture,
} from "./stream-fixture.ts";

const bytesMax = 1024 * 1024;

export function streamWriterContract(
  name: string,
  create: () => Promise<StreamFixture>,
  { dividesEvenly = true }: StreamCapabilities,
): void {
  describe(`writing streams: ${name}`, () => {
    let fixture: StreamFixture;
    beforeAll(async () => {
      fixture = await create();
      await fixture.createStream("limits", { shards: 1 });
    });
    afterAll(() => fixture.close());

    const evenly = dividesEvenly ? ["evenly"] : [];
    test.each(evenly)("divides the hash space %s among the shards of a new stream", async () => {
      await fixture.createStream("even", { shards: 4 });
      const shards = await fixture.reader.listShards("even");
      const quarters = ["0", "4", "8", "c"].map((digit) => digit + "0".repeat(31));
      expect(shards.map(({ firstHash }) => firstHash)).toEqual(quarters);
      expect(shards.map(({ lastHash }) => lastHash)).toEqual(
        ["3", "7", "b", "f"].map((digit) => digit + "f".repeat(31)),
      );
    });

    test("leaves no gap between the shards of a new stream, all of them open", async () => {
      await fixture.createStream("whole", { shards: 3 });
      const shards = await fixture.reader.listShards("whole");
      expect(shards[0]?.firstHash).toBe(lowestHash);
      expect(shards.at(-1)?.lastHash).toBe(highestHash);
      const next = (hash: string) => (BigInt(`0x${hash}`) + 1n).toString(16).padStart(32, "0");
      expect(shards.slice(1).map(({ firstHash }) => firstHash)).toEqual(
        shards.slice(0, -1).map(({ lastHash }) => next(lastHash)),
      );
      for (const { parents, closed } of shards) {
        expect(parents).toEqual([]);
        expect(closed).toBe(false);
      }
      expect(shards.map(({ shardId }) => shardId)).toEqual(
        shards.map(({ shardId }) => shardId).toSorted(),
      );
    });

    test("answers in the order of the entries with the shard of each", async () => {
      await fixture.createStream("routed", { shards: 2 });
      const [low, high] = await fixture.reader.listShards("routed");
      const hashes = [highestHash, lowestHash, middleHash, low!.lastHash];
      const entries = hashes.map((hash, index) => entryOf(`${index}`, hash));
      const results = await fixture.writer.put("routed", entries);
      expect(results).toMatchObject([
        { put: true, shardId: high!.shardId },
        { put: true, shardId: low!.shardId },
        { put: true, shardId: high!.shardId },
        { put: true, shardId: low!.shardId },
      ]);
      const { records, texts } = await readThrough(fixture, {
        stream: "routed",
        shardId: high!.shardId,
      });
      expect(new Set(texts)).toEqual(new Set(["0", "2"]));
      for (const [index, text] of texts.entries()) {
        expect(results[Number(text)]).toMatchObject({ sequence: records[index]!.sequence });
      }
    });

    test("routes by the md5 of the partition key where no hash is given", async () => {
      await fixture.createStream("keyed", { shards: 4 });
      const shards = await fixture.reader.listShards("keyed");
      const entries = Array.from({ length: 40 }, (_, index) => ({
        partitionKey: `clé-${index}`,
        data: new Uint8Array([index]),
      }));
      const results = await fixture.writer.put("keyed", entries);
      for (const [index, { partitionKey }] of entries.entries()) {
        const hash = createHash("md5").update(partitionKey).digest("hex");
        const owner = shards.find((shard) => shard.firstHash <= hash && hash <= shard.lastHash);
        expect(results[index]).toMatchObject({ put: true, shardId: owner!.shardId });
      }
    });

    test("takes nothing, 500 records, and a record of a megabyte", async () => {
      expect(await fixture.writer.put("limits", [])).toEqual([]);
      const many = Array.from({ length: 500 }, (_, index) => entryOf(`${index}`));
      expect(await fixture.writer.put("limits", many)).toHaveLength(500);
      const large = { partitionKey: "k", data: new Uint8Array(bytesMax - 1) };
      expect(await fixture.writer.put("limits", [large])).toMatchObject([{ put: true }]);
    });

    const refused: readonly (readonly [what: string, entries: readonly PutEntry[]])[] = [
      ["more than 500 records", Array.from({ length: 501 }, () => entryOf("a"))],
      [
        "a record over one megabyte",
        [entryOf("a"), { partitionKey: "k", data: new Uint8Array(bytesMax + 1) }],
      ],
      ["an empty partition key", [entryOf("a"), { ...entryOf("b"), partitionKey: "" }]],
      [
        "a partition key of 257 characters",
        [entryOf("a"), { ...entryOf("b"), partitionKey: "k".repeat(257) }],
      ],
      [
        "a partition key that is cut within a character",
        [entryOf("a"), { ...entryOf("b"), partitionKey: "k\ud83d" }],
      ],
    ];
    for (const [what, entries] of refused) {
      test(`refuses ${what}, writes none of the call, and says that a retry doesn't help`, async () => {
        const [shard] = await fixture.reader.listShards("limits");
        const place = { stream: "limits", shardId: shard!.shardId };
        const { next } = await readThrough(fixture, place);
        const failure: unknown = await fixture.writer.put("limits", entries).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failure).toSatisfy(isMillraceError);
        expect(failure).toMatchObject({ retryable: false });
        expect((await readThrough(fixture, { ...place, from: next })).texts).toEqual([]);
      });
    }

    test("says which stream is missing", async () => {
      await expect(fixture.writer.put("nowhere", [entryOf("a")])).rejects.toMatchObject({
        code: "store-missing",
        retryable: false,
      });
      await expect(fixture.writer.put("nowhere", [entryOf("a")])).rejects.toThrow("nowhere");
    });

    test("loses nothing of puts that are under way at the same time", async () => {
      await fixture.createStream("parallel", { shards: 1 });
      const [shard] = await fixture.reader.listShards("parallel");
      const writers = Array.from({ length: 8 }, (_, writer) =>
        putInOrder(
          fixture,
          "parallel",
          [0, 1, 2, 3, 4].map((index) => `${writer}-${index}`),
        ),
      );
      const sequences = (await Promise.all(writers)).flat();
      expect(new Set(sequences).size).toBe(40);
      const place = { stream: "parallel", shardId: shard!.shardId };
      const { texts } = await readThrough(fixture, place);
      expect(new Set(texts).size).toBe(40);
      for (let writer = 0; writer < 8; writer++) {
        const own = texts.filter((text) => text.startsWith(`${writer}-`));
        expect(own).toEqual([0, 1, 2, 3, 4].map((index) => `${writer}-${index}`));
      }
    });
  });
}
