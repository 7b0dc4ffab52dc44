import type { KinesisStreamEvent, KinesisStreamBatchResponse } from "aws-lambda";
import { isMillraceError, messageOf } from "../runtime/errors/millrace-error.ts";
import type { SlotInvocation, StreamRecord } from "../runtime/ports/index.ts";
import { createEnvironment, type SlotEnvironment } from "../runtime/slot/image/environment.ts";
import type { JobRuntime } from "../runtime/job/job-runtime.ts";
import { type Batch, processBatch } from "../runtime/slot/process-batch.ts";
import type { InvocationContext } from "./coordinator.ts";

/** A direct invocation by the coordinator: the slot is to look for itself. */
export interface DirectInvocation {
  readonly millrace: SlotInvocation;
}

export type ProcessEvent = KinesisStreamEvent | DirectInvocation;

/** The process function: takes what an event source mapping hands over for any slot of the job. */
export type ProcessHandler = ((
  event: ProcessEvent,
  context?: InvocationContext,
) => Promise<KinesisStreamBatchResponse>) & {
  /** The warm environment behind the handler, for metrics and tests. */
  readonly environment: SlotEnvironment;
};

/** Makes the handler of one environment: what Lambda keeps warm between invocations. */
export function processHandler(job: JobRuntime): ProcessHandler {
  const environment = createEnvironment(job);
  let before: Promise<unknown> = Promise.resolve();
  // One invocation at a time, as in Lambda: images are shared within an environment.
  const handler = (
    event: ProcessEvent,
    context?: InvocationContext,
  ): Promise<KinesisStreamBatchResponse> => {
    const invocation = before.then(() => invoke(event, deadlineOf(context)));
    before = invocation.catch(() => undefined);
    return invocation;
  };
  const invoke = async (
    event: ProcessEvent,
    deadline: Pick<Batch, "deadline">,
  ): Promise<KinesisStreamBatchResponse> => {
    if ("millrace" in event) {
      await processBatch(environment, { ...event.millrace, ...deadline, records: [] });
      return { batchItemFailures: [] };
    }
    const [first] = event.Records;
    if (first === undefined) return { batchItemFailures: [] };
    const place = placeOfRecord(first);
    const records = event.Records.map(toStreamRecord);
    try {
      const outcome = await processBatch(environment, { ...place, ...deadline, records });
      return failures(outcome.failedSequence);
    } catch (thrown) {
      if (!isMillraceError(thrown) || !thrown.retryable) throw thrown;
      job.ports.telemetry.log("warn", "a batch is given back", {
        ...place,
        code: thrown.code,
        error: messageOf(thrown),
      });
      return failures(first.kinesis.sequenceNumber);
    }
  };
  return Object.assign(handler, { environment });
}

/** Where nobody says how much time there is, as in a process that stands for Lambda, there is no deadline. */
function deadlineOf(context: InvocationContext | undefined): Pick<Batch, "deadline"> {
  if (context === undefined) return {};
  return { deadline: { remainingMs: () => context.getRemainingTimeInMillis() } };
}

function failures(sequence: string | undefined): KinesisStreamBatchResponse {
  return { batchItemFailures: sequence === undefined ? [] : [{ itemIdentifier: sequence }] };
}

/** An event holds records of one shard; its id is `<shard id>:<sequence number>`, the ARN ends with `stream/<name>`. */
function placeOfRecord(record: KinesisStreamEvent["Records"][number]): {
  readonly stream: string;
  readonly shardId: string;
} {
  const stream =
    record.eventSourceARN
      .slice(record.eventSourceARN.indexOf("stream/") + "stream/".length)
      .split("/")[0] ?? "";
  return { stream, shardId: record.eventID.slice(0, record.eventID.lastIndexOf(":")) };
}

function toStreamRecord({ kinesis }: KinesisStreamEvent["Records"][number]): StreamRecord {
  return {
    sequence: kinesis.sequenceNumber,
    partitionKey: kinesis.partitionKey,
    data: Buffer.from(kinesis.data, "base64"),
    arrivalMs: Math.round(kinesis.approximateArrivalTimestamp * 1_000),
  };
}
