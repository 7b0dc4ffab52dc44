import { kinesisEvent } from "../../runtime/event-source/kinesis-event.ts";
import type { DiscardedBatch } from "../../runtime/event-source/mapping-options.ts";
import type { StreamRecord } from "../../runtime/ports/index.ts";
import type { MappingConfiguration } from "./mapping-configuration.ts";
import type { InvocationResult } from "./runtime-api.ts";

export interface DiscardedObject {
  readonly key: string;
  readonly body: string;
}

export interface DiscardedObjectOptions {
  readonly configuration: MappingConfiguration;
  readonly nowMs: number;
  readonly requestId: string;
}

/**
 * The object that Lambda writes to an S3 destination: what it writes to a queue, and the whole event as `payload`
 * (https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html).
 */
export function discardedObject(
  discarded: DiscardedBatch<InvocationResult>,
  { configuration, nowMs, requestId }: DiscardedObjectOptions,
): DiscardedObject {
  const { shardId, records, condition, invocations, result } = discarded;
  const { uuid, functionArn, streamArn, region } = configuration;
  const timestamp = new Date(nowMs).toISOString();
  const [date = ""] = timestamp.split("T");
  const arrival = (record: StreamRecord | undefined): string =>
    new Date(record?.arrivalMs ?? 0).toISOString();
  const name = `${timestamp.slice(0, 19).replaceAll(":", ".")}-${requestId}`;
  const note = {
    requestContext: { requestId, functionArn, condition, approximateInvokeCount: invocations },
    responseContext: {
      statusCode: 200,
      executedVersion: "$LATEST",
      functionError: result?.functionError ?? "Unhandled",
    },
    version: "1.0",
    timestamp,
    KinesisBatchInfo: {
      shardId,
      startSequenceNumber: records[0]?.sequence,
      endSequenceNumber: records.at(-1)?.sequence,
      approximateArrivalOfFirstRecord: arrival(records[0]),
      approximateArrivalOfLastRecord: arrival(records.at(-1)),
      batchSize: records.length,
      streamArn,
    },
    payload: JSON.stringify(kinesisEvent({ streamArn, region, shardId }, records)),
  };
  return {
    key: `aws/lambda/${uuid}/${shardId}/${date.replaceAll("-", "/")}/${name}`,
    body: JSON.stringify(note),
  };
}
