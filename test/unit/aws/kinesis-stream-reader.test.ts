import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { describe, expect, test } from "vitest";
import { kinesisStreamReader } from "../../../runtime/aws/kinesis-stream-reader.ts";
import type { StreamPosition } from "../../../runtime/ports/index.ts";
import { manualClock } from "../../integration/slot-world.ts";

type Page = Readonly<Record<string, unknown>>;

/** A client of a shard whose GetRecords answer these pages in a row, by the real client's middleware. */
function shardOf(pages: readonly (Page | "expired")[]) {
  const client = new KinesisClient({
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const clock = manualClock(0);
  const sentMs: number[] = [];
  let iterators = 0;
  let at = 0;
  client.middlewareStack.add(
    (_next, { commandName }) =>
      async () => {
        const answer = (output: object) => ({ output: output as never, response: {} });
        if (commandName === GetShardIteratorCommand.name)
          return answer({ ShardIterator: `new-${iterators++}` });
        if (commandName !== GetRecordsCommand.name)
          throw new Error(`${commandName} is not answered`);
        sentMs.push(clock.nowMs());
        const page = pages[Math.min(at, pages.length - 1)]!;
        at += 1;
        if (page === "expired")
          throw Object.assign(new Error("expired"), { name: "ExpiredIteratorException" });
        return answer({ NextShardIterator: `next-${at}`, ...page });
      },
    { step: "initialize" },
  );
  return {
    reader: kinesisStreamReader({ client, clock }),
    sentMs,
    iterators: () => iterators,
  };
}

const empty = { Records: [], MillisBehindLatest: 3_600_000 };
const one = {
  Records: [
    {
      SequenceNumber: "7",
      PartitionKey: "k",
      Data: Uint8Array.of(1),
      ApproximateArrivalTimestamp: new Date(5),
    },
  ],
  MillisBehindLatest: 1_000,
};
const request = { stream: "s", shardId: "shardId-000000000000", maxRecords: 10 };

/** Reads on from a place until there is something. */
async function readOn(reader: ReturnType<typeof shardOf>["reader"], from: StreamPosition) {
  for (let position = from; ;) {
    const read = await reader.read({ ...request, from: position });
    if (read.records.length > 0 || read.atTip || read.ended) return read;
    position = read.next;
  }
}

describe("reading a quiet shard", () => {
  test("goes on by one iterator through three hundred empty pages, five reads a second", async () => {
    const { reader, sentMs, iterators } = shardOf([...Array<Page>(300).fill(empty), one]);
    const { records } = await readOn(reader, { kind: "after", sequence: "1" });
    expect(records.map(({ sequence }) => sequence)).toEqual(["7"]);
    expect(iterators()).toBe(1);
    for (const [index, atMs] of sentMs.entries())
      if (index >= 5) expect(atMs - sentMs[index - 5]!).toBeGreaterThanOrEqual(1_000);
  });

  test("asks for another iterator where one expires on the way, and loses nothing", async () => {
    const pages = [
      ...Array<Page>(20).fill(empty),
      "expired" as const,
      ...Array<Page>(20).fill(empty),
      one,
    ];
    const { reader, iterators } = shardOf(pages);
    const { records } = await readOn(reader, { kind: "after", sequence: "1" });
    expect(records.map(({ sequence }) => sequence)).toEqual(["7"]);
    expect(iterators()).toBe(2);
  });

  test("tells of the children of a shard that has ended", async () => {
    const children = [
      { ShardId: "shardId-000000000001", ParentShards: [request.shardId], HashKeyRange: undefined },
      { ShardId: "shardId-000000000002", ParentShards: [request.shardId], HashKeyRange: undefined },
    ];
    const { reader } = shardOf([
      { Records: [], MillisBehindLatest: 0, NextShardIterator: undefined, ChildShards: children },
    ]);
    const read = await readOn(reader, { kind: "earliest" });
    expect(read).toMatchObject({
      ended: true,
      children: ["shardId-000000000001", "shardId-000000000002"],
    });
  });
});

test("a stream of another account is listed and read by its ARN, every other one by its name", async () => {
  const called: object[] = [];
  const answers: Readonly<Record<string, object>> = {
    ListShardsCommand: { Shards: [] },
    GetShardIteratorCommand: { ShardIterator: "first" },
    GetRecordsCommand: { ...one, NextShardIterator: "next" },
  };
  const client = {
    send: async (command: { readonly input: Record<string, unknown> }) => {
      const { StreamName, StreamARN } = command.input;
      called.push({ StreamName, StreamARN });
      return answers[command.constructor.name];
    },
  } as unknown as KinesisClient;
  const arn = "arn:aws:kinesis:eu-west-1:444455556666:stream/clicks";
  const reader = kinesisStreamReader({
    client,
    clock: manualClock(),
    streamName: (stream) => (stream === "clicks" ? arn : stream),
  });
  for (const stream of ["clicks", "own"]) {
    await reader.listShards(stream);
    await reader.read({ ...request, stream, from: { kind: "earliest" } });
  }
  const own = { StreamName: "own", StreamARN: undefined };
  const foreign = { StreamName: undefined, StreamARN: arn };
  const iterator = { StreamName: undefined, StreamARN: undefined };
  expect(called).toEqual([foreign, foreign, foreign, own, own, iterator]);
});
