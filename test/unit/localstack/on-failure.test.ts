import { expect, test } from "vitest";
import { discardedObject } from "../../../localstack/lambda/on-failure.ts";
import { configuration } from "../event-source/mapping-world.ts";

test("what is given up becomes an object with AWS's name and fields, and the whole event", () => {
  const records = ["10", "11"].map((sequence, at) => ({
    sequence,
    partitionKey: "k",
    data: new TextEncoder().encode(sequence),
    arrivalMs: 1_700_000_000_000 + at,
  }));
  const { key, body } = discardedObject(
    {
      shardId: "shardId-000000000001",
      records,
      condition: "RetryAttemptsExhausted",
      invocations: 3,
    },
    { configuration, nowMs: 1_700_000_001_000, requestId: "request" },
  );
  expect(key).toBe(
    `aws/lambda/${configuration.uuid}/shardId-000000000001/2023/11/14/2023-11-14T22.13.21-request`,
  );
  const note = JSON.parse(body) as { readonly payload: string };
  expect(note).toMatchObject({
    requestContext: {
      functionArn: configuration.functionArn,
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: 3,
    },
    responseContext: { functionError: "Unhandled" },
    KinesisBatchInfo: {
      shardId: "shardId-000000000001",
      startSequenceNumber: "10",
      endSequenceNumber: "11",
      approximateArrivalOfFirstRecord: "2023-11-14T22:13:20.000Z",
      batchSize: 2,
      streamArn: configuration.streamArn,
    },
  });
  const event = JSON.parse(note.payload) as { readonly Records: readonly unknown[] };
  expect(event.Records).toHaveLength(2);
});
