import type { KinesisStreamEvent } from "aws-lambda";
import type { StreamRecord } from "../ports/index.ts";

/** Records of one shard as Lambda hands them to a function: data in base64, arrival in seconds. */
export function kinesisEvent(
  stream: string,
  shardId: string,
  records: readonly StreamRecord[],
): KinesisStreamEvent {
  const eventSourceARN = `arn:aws:kinesis:local:000000000000:stream/${stream}`;
  return {
    Records: records.map(({ sequence, partitionKey, data, arrivalMs }) => ({
      awsRegion: "local",
      eventID: `${shardId}:${sequence}`,
      eventName: "aws:kinesis:record",
      eventSource: "aws:kinesis",
      eventSourceARN,
      eventVersion: "1.0",
      invokeIdentityArn: "",
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey,
        sequenceNumber: sequence,
        data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
        approximateArrivalTimestamp: arrivalMs / 1_000,
      },
    })),
  };
}
