import type { KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";
import type { StreamRecord } from "../ports/index.ts";

export interface EventOrigin {
  readonly streamArn: string;
  readonly region: string;
  readonly shardId: string;
}

/** A record as it stands in the event of a function (AWS Lambda developer guide, "Using Lambda with Kinesis Data Streams"). */
function eventRecord(
  { streamArn, region, shardId }: EventOrigin,
  { sequence, partitionKey, data, arrivalMs }: StreamRecord,
): KinesisStreamRecord {
  return {
    kinesis: {
      kinesisSchemaVersion: "1.0",
      partitionKey,
      sequenceNumber: sequence,
      data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
      approximateArrivalTimestamp: arrivalMs / 1_000,
    },
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `${shardId}:${sequence}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn: "arn:aws:iam::000000000000:role/local",
    awsRegion: region,
    eventSourceARN: streamArn,
  };
}

/** Records of one shard as Lambda hands them to a function: data in base64, arrival in seconds. */
export function kinesisEvent(
  origin: EventOrigin,
  records: readonly StreamRecord[],
): KinesisStreamEvent {
  return { Records: records.map((record) => eventRecord(origin, record)) };
}

/** Bytes of a record in the event's JSON, its comma included. */
export function eventSize(origin: EventOrigin): (record: StreamRecord) => number {
  const bare = { sequence: "", partitionKey: "", data: new Uint8Array(0), arrivalMs: 0 };
  const bareBytes = Buffer.byteLength(JSON.stringify(eventRecord(origin, bare)));
  return ({ sequence, partitionKey, data, arrivalMs }) =>
    bareBytes +
    // It stands in the event's id as well.
    2 * sequence.length +
    Buffer.byteLength(JSON.stringify(partitionKey)) -
    '""'.length +
    String(arrivalMs / 1_000).length -
    "0".length +
    Math.ceil(data.length / 3) * 4 +
    ",".length;
}
