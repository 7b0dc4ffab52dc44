import type { KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";
import type { StreamRecord } from "../../runtime/ports/index.ts";

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

export function streamEvent(
  origin: EventOrigin,
  records: readonly StreamRecord[],
): KinesisStreamEvent {
  return { Records: records.map((record) => eventRecord(origin, record)) };
}

/** Bytes of a record in the event's JSON, its comma included. */
export function eventBytes(origin: EventOrigin, record: StreamRecord): number {
  const bare = eventRecord(origin, { ...record, data: new Uint8Array(0) });
  const dataBytes = Math.ceil(record.data.length / 3) * 4;
  return Buffer.byteLength(JSON.stringify(bare)) + dataBytes + 1;
}
