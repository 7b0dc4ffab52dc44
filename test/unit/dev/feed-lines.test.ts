import { expect, test } from "vitest";
import { feedLines, type FeedLinesOptions } from "../../../dev/feed-lines.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";

async function fed(chunks: readonly string[], options: Partial<FeedLinesOptions> = {}) {
  const ports = memoryPorts();
  await ports.admin.createStream("lines", { shards: 1 });
  const count = await feedLines({
    stream: "lines",
    writer: ports.writer,
    clock: ports.clock,
    chunks: piecesOf(chunks),
    taken: () => Promise.resolve(0),
    isStopped: () => false,
    ...options,
  });
  const [shard] = await ports.reader.listShards("lines");
  const { records } = await ports.reader.read({
    stream: "lines",
    shardId: shard?.shardId ?? "",
    from: { kind: "earliest" },
    maxRecords: 10_000,
  });
  const texts = records.map(({ data }) => new TextDecoder().decode(data));
  return { count, texts, keys: records.map(({ partitionKey }) => partitionKey) };
}

async function* piecesOf(chunks: readonly string[]): AsyncGenerator<string> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

test("lines are the same however the text is cut; empty ones are no records", async () => {
  const whole = await fed(["a\nbb\n\n  \nccc"]);
  expect(whole).toEqual({ count: 3, texts: ["a", "bb", "ccc"], keys: ["0", "1", "2"] });
  expect(await fed(["a\nb", "b", "\n\n  \ncc", "c"])).toEqual(whole);
});

test("records that were fed before are passed over, across chunks, and lines keep their numbers", async () => {
  const { texts, keys } = await fed(["a\nb\n", "c\n\nd\n", "e\n"], { skip: 3 });
  expect(texts).toEqual(["d", "e"]);
  expect(keys).toEqual(["3", "4"]);
});

test("the partition key is a field where one is named, and the line's number where it is not there", async () => {
  const text = '{"id":"x"}\n{"id":7}\n{"other":1}\nnot json\nnull\n';
  expect((await fed([text], { keyField: "id" })).keys).toEqual(["x", "7", "2", "3", "4"]);
});

test("a feed stays so many records in front of the job, and no more", async () => {
  const lines = Array.from({ length: 2_000 }, (_, index) => `${index}\n`);
  let asked = 0;
  const { count } = await fed(lines, {
    aheadMax: 600,
    taken: () => Promise.resolve(0),
    isStopped: () => (asked += 1) > 3_000,
    clock: { nowMs: () => 0, sleep: () => Promise.resolve() },
  });
  expect(count).toBeGreaterThan(600);
  expect(count).toBeLessThanOrEqual(600 + 500);
});

test("a rate is kept by waiting before each put", async () => {
  let nowMs = 0;
  const lines = Array.from({ length: 200 }, (_, index) => `${index}\n`).join("");
  const clock = {
    nowMs: () => nowMs,
    sleep: (durationMs: number) => {
      nowMs += durationMs;
      return Promise.resolve();
    },
  };
  const { count } = await fed([lines], { rate: 100, clock });
  expect(count).toBe(200);
  // The last put of 5 records waits until 195 are due.
  expect(nowMs).toBeCloseTo(1_950, 0);
});
