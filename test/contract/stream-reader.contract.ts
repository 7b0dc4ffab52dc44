import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMillraceError } from "../../runtime/errors/millrace-error.ts";
import type { StreamPosition } from "../../runtime/ports/index.ts";
import {
  earliest,
  entryOf,
  isAfter,
  putInOrder,
  readThrough,
  textOf,
  type StreamFixture,
} from "./stream-fixture.ts";

export function streamReaderContract(name: string, create: () => Promise<StreamFixture>): void {
  describe(`reading streams: ${name}`, () => {
    let fixture: StreamFixture;
    beforeAll(async () => void (fixture = await create()));
    afterAll(() => fixture.close());

    const createSingle = async (stream: string): Promise<string> => {
      await fixture.createStream(stream, { shards: 1 });
      return (await fixture.reader.listShards(stream))[0]!.shardId;
    };

    test("is at the tip of a shard that holds nothing", async () => {
      const shardId = await createSingle("empty");
      const { texts, ended, next } = await readThrough(fixture, { stream: "empty", shardId });
      expect({ texts, ended, next }).toEqual({ texts: [], ended: false, next: earliest });
    });

    test("gives back records in the order of the shard, whatever the size of a read", async () => {
      const stream = "ordered";
      const shardId = await createSingle(stream);
      const texts = ["a", "b", "c", "d", "e", "f", "g"];
      const sequences = await putInOrder(fixture, stream, texts);
      for (const maxRecords of [1, 2, 3, 7, 100]) {
        const { records, ...read } = await readThrough(fixture, { stream, shardId, maxRecords });
        expect(read.texts).toEqual(texts);
        expect(read.ended).toBe(false);
        expect(records.map(({ sequence }) => sequence)).toEqual(sequences);
      }
      for (const [index, sequence] of sequences.entries()) {
        expect(sequence).toMatch(/^\d+$/);
        if (index > 0) expect(isAfter(sequence, sequences[index - 1]!)).toBe(true);
      }
    });

    test("gives back the bytes and the partition key of a record, with the time of its arrival", async () => {
      const stream = "fields";
      const shardId = await createSingle(stream);
      const data = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await fixture.writer.put(stream, [{ partitionKey: "clé-\u{1f600}", data }]);
      const { records } = await readThrough(fixture, { stream, shardId });
      expect(records[0]!.partitionKey).toBe("clé-\u{1f600}");
      expect([...records[0]!.data]).toEqual([...data]);
      expect(records[0]!.arrivalMs).toBeGreaterThan(0);
    });

    test("reads across many puts of many records without a gap", async () => {
      const stream = "many";
      const shardId = await createSingle(stream);
      const put = new Set<string>();
      for (let batch = 0; batch < 5; batch++) {
        const texts = Array.from({ length: 100 }, (_, index) => `${batch}-${index}`);
        const results = await fixture.writer.put(
          stream,
          texts.map((text) => entryOf(text)),
        );
        expect(results.every((result) => result.put)).toBe(true);
        for (const text of texts) put.add(text);
      }
      const { texts, records } = await readThrough(fixture, { stream, shardId, maxRecords: 33 });
      expect(texts).toHaveLength(500);
      expect(new Set(texts)).toEqual(put);
      const sequences = records.map(({ sequence }) => sequence);
      expect(sequences.every((one, i) => i === 0 || isAfter(one, sequences[i - 1]!))).toBe(true);
    });

    test("begins at or after the record of a sequence number", async () => {
      const stream = "positions";
      const shardId = await createSingle(stream);
      const [a, b, c] = await putInOrder(fixture, stream, ["a", "b", "c"]);
      const from = async (position: StreamPosition) =>
        (await readThrough(fixture, { stream, shardId, from: position })).texts;
      expect(await from(earliest)).toEqual(["a", "b", "c"]);
      expect(await from({ kind: "at", sequence: a! })).toEqual(["a", "b", "c"]);
      expect(await from({ kind: "at", sequence: b! })).toEqual(["b", "c"]);
      expect(await from({ kind: "after", sequence: b! })).toEqual(["c"]);
      expect(await from({ kind: "after", sequence: c! })).toEqual([]);
    });

    test("begins inside of what one put wrote", async () => {
      const stream = "inside";
      const shardId = await createSingle(stream);
      await fixture.writer.put(
        stream,
        ["a", "b", "c", "d"].map((text) => entryOf(text)),
      );
      const { records, texts } = await readThrough(fixture, { stream, shardId });
      for (const [index, { sequence }] of records.entries()) {
        const at = await readThrough(fixture, { stream, shardId, from: { kind: "at", sequence } });
        expect(at.texts).toEqual(texts.slice(index));
        const from = { kind: "after", sequence } as const;
        expect((await readThrough(fixture, { stream, shardId, from })).texts).toEqual(
          texts.slice(index + 1),
        );
      }
    });

    test("begins with the first record that arrived at or after a time", async () => {
      const stream = "times";
      const shardId = await createSingle(stream);
      await putInOrder(fixture, stream, ["a", "b", "c"]);
      const all = await readThrough(fixture, { stream, shardId });
      for (const { arrivalMs } of all.records) {
        const from = { kind: "time", timeMs: arrivalMs } as const;
        const expected = all.records.filter((record) => record.arrivalMs >= arrivalMs).map(textOf);
        expect((await readThrough(fixture, { stream, shardId, from })).texts).toEqual(expected);
      }
      const before = { kind: "time", timeMs: all.records[0]!.arrivalMs - 60_000 } as const;
      expect((await readThrough(fixture, { stream, shardId, from: before })).texts).toEqual(
        all.texts,
      );
    });

    test("goes on from the tip with what arrives later", async () => {
      const stream = "tip";
      const shardId = await createSingle(stream);
      await putInOrder(fixture, stream, ["before"]);
      const tip = await readThrough(fixture, { stream, shardId });
      expect(tip.texts).toEqual(["before"]);
      await putInOrder(fixture, stream, ["after"]);
      const later = await readThrough(fixture, { stream, shardId, from: tip.next });
      expect(later.texts).toEqual(["after"]);
      expect((await readThrough(fixture, { stream, shardId, from: later.next })).texts).toEqual([]);
    });

    test("stays where it is when nothing is new, and then reads on", async () => {
      const stream = "resume";
      const shardId = await createSingle(stream);
      await putInOrder(fixture, stream, ["a"]);
      const { next } = await readThrough(fixture, { stream, shardId });
      const again = await readThrough(fixture, { stream, shardId, from: next });
      expect(again).toMatchObject({ texts: [], ended: false, next });
      await putInOrder(fixture, stream, ["b"]);
      expect((await readThrough(fixture, { stream, shardId, from: again.next })).texts).toEqual([
        "b",
      ]);
    });

    test("answers empty pages as neither the tip nor the end, and gives what lies behind them", async () => {
      const stream = "quiet";
      const shardId = await createSingle(stream);
      const sequences = await putInOrder(fixture, stream, ["a", "b"]);
      const place = { stream, shardId, maxRecords: 10 };
      const from: StreamPosition = { kind: "after", sequence: sequences[0]! };
      for (const start of [earliest, from]) {
        fixture.answerEmptyPages?.(50);
        const isQuiet = fixture.answerEmptyPages !== undefined;
        let position = start;
        for (let page = 0; isQuiet && page < 50; page++) {
          const { next, ...read } = await fixture.reader.read({ ...place, from: position });
          expect(read).toMatchObject({ records: [], atTip: false, ended: false });
          position = next;
        }
        const { texts } = await readThrough(fixture, { stream, shardId, from: position });
        expect(texts).toEqual(start === earliest ? ["a", "b"] : ["b"]);
      }
    });

    test("says which stream is missing, and that a retry doesn't help", async () => {
      const missing = { domain: "store", code: "store-missing", retryable: false };
      await expect(fixture.reader.listShards("nowhere")).rejects.toMatchObject(missing);
      await expect(fixture.reader.listShards("nowhere")).rejects.toThrow('stream "nowhere"');
      await createSingle("somewhere");
      const request = { stream: "somewhere", shardId: "shardId-000000000099", from: earliest };
      await expect(fixture.reader.read({ ...request, maxRecords: 1 })).rejects.toSatisfy(
        isMillraceError,
      );
    });
  });
}
