import { expect, test } from "vitest";
import { eventSize, kinesisEvent } from "../../../runtime/event-source/kinesis-event.ts";

const origin = {
  streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s",
  region: "us-east-1",
  shardId: "shardId-000000000012",
};

test("a record counts with the bytes that it has in the event's JSON, whatever its key holds", () => {
  const sizeOf = eventSize(origin);
  const records = ["k", 'a "quoted" key', "ü€😀", "line\nbreak", ""].map((partitionKey, at) => ({
    sequence: "4957".repeat(at + 1),
    partitionKey,
    data: new Uint8Array(at * 7 + 1),
    arrivalMs: 1_760_000_000_000 + at,
  }));
  for (const record of records) {
    const [only] = kinesisEvent(origin, [record]).Records;
    expect(sizeOf(record)).toBe(Buffer.byteLength(JSON.stringify(only)) + ",".length);
  }
});
