import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kinesisStreamReader } from "../../runtime/aws/kinesis-stream-reader.ts";
import { kinesisStreamWriter } from "../../runtime/aws/kinesis-stream-writer.ts";
import type {
  PutEntry,
  StreamPosition,
  StreamReader,
  StreamWriter,
} from "../../runtime/ports/index.ts";
import { awsWorld, type AwsWorld } from "./aws-world.ts";
import { hurriedClock } from "./stream-fixture.ts";

let world: AwsWorld;
let reader: StreamReader;
let writer: StreamWriter;
let iteratorsAsked = 0;
let readsSent = 0;
/** What the next call of a command answers instead of reaching the stream. */
const faults = new Map<string, () => object>();

beforeAll(async () => {
  world = await awsWorld();
  const client = world.clients.kinesis;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const command = context.commandName!;
      if (command === "GetShardIteratorCommand") iteratorsAsked++;
      if (command === "GetRecordsCommand") readsSent++;
      const fault = faults.get(command);
      faults.delete(command);
      return fault === undefined ? next(args) : { output: fault() as never, response: {} };
    },
    { step: "initialize" },
  );
  reader = kinesisStreamReader({ client, clock: hurriedClock() });
  writer = kinesisStreamWriter({ client });
});
afterAll(() => world.close());

const first = "shardId-000000000000";
const entry = (text: string, more: Partial<PutEntry> = {}): PutEntry => ({
  partitionKey: "k",
  data: new TextEncoder().encode(text),
  ...more,
});
const textOf = ({ data }: { readonly data: Uint8Array }): string => new TextDecoder().decode(data);
const earliest: StreamPosition = { kind: "earliest" };

async function readAll(stream: string, shardId: string, maxRecords = 100): Promise<string[]> {
  const texts: string[] = [];
  let from = earliest;
  for (;;) {
    const { records, atTip, ended, next } = await reader.read({
      stream,
      shardId,
      from,
      maxRecords,
    });
    texts.push(...records.map(textOf));
    if (atTip || ended) return texts;
    from = next;
  }
}

describe("reading a Kinesis stream", () => {
  test("goes on where it stopped without asking for another iterator", async () => {
    const stream = await world.createStream("sequential", 1);
    for (const text of ["a", "b", "c", "d", "e"]) await writer.put(stream, [entry(text)]);
    iteratorsAsked = 0;
    expect(await readAll(stream, first, 2)).toEqual(["a", "b", "c", "d", "e"]);
    expect(iteratorsAsked).toBe(1);
  });

  test("reads twice before it believes in the tip of a place, and once thereafter", async () => {
    const stream = await world.createStream("tip", 1);
    const request = { stream, shardId: first, maxRecords: 1, from: earliest };
    readsSent = 0;
    expect(await reader.read(request)).toMatchObject({ atTip: true, ended: false, next: earliest });
    expect(readsSent).toBe(2);
    expect(await reader.read(request)).toMatchObject({ atTip: true });
    expect(readsSent).toBe(3);
  });

  test("asks for another iterator where the kept one has expired, and loses nothing", async () => {
    const stream = await world.createStream("expired", 1);
    for (const text of ["a", "b"]) await writer.put(stream, [entry(text)]);
    const request = { stream, shardId: first, maxRecords: 1 };
    const { next } = await reader.read({ ...request, from: earliest });
    faults.set("GetRecordsCommand", () => {
      throw Object.assign(new Error("expired"), { name: "ExpiredIteratorException" });
    });
    const { records } = await reader.read({ ...request, from: next });
    expect(records.map(textOf)).toEqual(["b"]);
  });

  test("keeps its place where a read is throttled", async () => {
    const stream = await world.createStream("throttled", 1);
    await writer.put(stream, [entry("a")]);
    const place = { stream, shardId: first, maxRecords: 1 };
    const { next } = await reader.read({ ...place, from: { kind: "earliest" } });
    const request = { ...place, from: next };
    await writer.put(stream, [entry("b")]);
    faults.set("GetRecordsCommand", () => {
      throw Object.assign(new Error("slow"), { name: "ProvisionedThroughputExceededException" });
    });
    await expect(reader.read(request)).rejects.toMatchObject({
      code: "store-throttled",
      retryable: true,
    });
    expect((await reader.read(request)).records.map(textOf)).toEqual(["b"]);
  });
});

describe("writing to a Kinesis stream", () => {
  test("cuts a put whose bytes are more than a request takes", async () => {
    const stream = await world.createStream("large", 1);
    const megabyte = new Uint8Array(1024 * 1024 - 1);
    const results = await writer.put(
      stream,
      Array.from({ length: 6 }, () => entry("", { data: megabyte })),
    );
    expect(results.filter(({ put }) => put)).toHaveLength(6);
  });

  test("tells throttled entries from failed ones, each in its place", async () => {
    faults.set("PutRecordsCommand", () => ({
      FailedRecordCount: 2,
      Records: [
        { ErrorCode: "ProvisionedThroughputExceededException" },
        { ShardId: first, SequenceNumber: "1" },
        { ErrorCode: "InternalFailure" },
      ],
    }));
    expect(await writer.put("any", [entry("a"), entry("b"), entry("c")])).toEqual([
      { put: false, reason: "throttled" },
      { put: true, shardId: first, sequence: "1" },
      { put: false, reason: "failed" },
    ]);
  });
});
