import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import type { StreamRecord } from "../../runtime/ports/index.ts";
import type { EventKind } from "./event-kind.ts";

type KinesisRecord = KinesisStreamEvent["Records"][number];

/** What Lambda's event source mapping of a Kinesis stream hands over: records of one shard, in its order. */
export const kinesisEvent: EventKind<KinesisStreamEvent, KinesisStreamBatchResponse> = {
  is: (event) => {
    const { Records: records } = event as Partial<KinesisStreamEvent>;
    return Array.isArray(records) && records.every(({ kinesis }) => kinesis !== undefined);
  },
  batchOf: ({ Records: records }) => {
    const [first] = records;
    if (first === undefined) return undefined;
    return { ...placeOf(first), records: records.map(toStreamRecord) };
  },
  answer: (failedSequence) => ({
    batchItemFailures: failedSequence === undefined ? [] : [{ itemIdentifier: failedSequence }],
  }),
};

/** The id of a record is `<shard id>:<sequence number>`, the ARN of its stream ends with `stream/<name>`. */
function placeOf({ eventSourceARN: arn, eventID: id }: KinesisRecord) {
  const stream = arn.slice(arn.indexOf("stream/") + "stream/".length).split("/")[0] ?? "";
  return { stream, shardId: id.slice(0, id.lastIndexOf(":")) };
}

function toStreamRecord({ kinesis }: KinesisRecord): StreamRecord {
  return {
    sequence: kinesis.sequenceNumber,
    partitionKey: kinesis.partitionKey,
    data: Buffer.from(kinesis.data, "base64"),
    arrivalMs: Math.round(kinesis.approximateArrivalTimestamp * 1_000),
  };
}
