import type { KinesisStreamEvent } from "aws-lambda";
import { batchOutcome } from "../../../localstack/lambda/batch-response.ts";
import type { MappingConfiguration } from "../../../localstack/lambda/mapping-configuration.ts";
import type { InvocationResult } from "../../../localstack/lambda/runtime-api.ts";
import { kinesisEvent } from "../../../runtime/event-source/kinesis-event.ts";
import { runEventSourceMapping } from "../../../runtime/event-source/mapping.ts";
import {
  defaultMappingTuning,
  type DiscardedBatch,
  type InvocationFigures,
  type MappingTuning,
} from "../../../runtime/event-source/mapping-options.ts";
import type { PutEntry } from "../../../runtime/ports/index.ts";
import { memoryStreams } from "../../../runtime/embedded/memory-streams.ts";
import { virtualClock } from "./virtual-clock.ts";

type Answer = InvocationResult | ((event: KinesisStreamEvent) => InvocationResult);

export const configuration: MappingConfiguration = {
  uuid: "00000000-0000-0000-0000-000000000001",
  stream: "s",
  streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s",
  region: "us-east-1",
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
  startingPosition: { kind: "earliest" },
  batchSize: 100,
  batchWindowMs: 0,
  bisectBatchOnFunctionError: false,
  reportBatchItemFailures: false,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
};

const success: InvocationResult = { payload: "null" };
const first = "shardId-000000000000";

/** A mapping over a stream of one shard, in time that only the test lets pass. */
export async function mappingWorld(
  settings: Partial<MappingConfiguration>,
  putBefore: readonly string[] = [],
  tuning: Partial<MappingTuning> = {},
) {
  const clock = virtualClock();
  const streams = memoryStreams({ clock });
  await streams.admin.createStream("s", { shards: 1 });
  const events: KinesisStreamEvent[] = [];
  const succeeded: string[] = [];
  const discards: DiscardedBatch<InvocationResult>[] = [];
  const figures: InvocationFigures[] = [];
  const answers: Answer[] = [];
  const poisoned = new Set<string>();
  let failingReads = 0;
  let stopped = false;

  const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
  /** All at once, in this order. */
  const putEntries = (entries: readonly PutEntry[]) => streams.writer.put("s", entries);
  const put = (...texts: readonly string[]) =>
    putEntries(texts.map((text) => ({ partitionKey: text, data: bytesOf(text) })));
  if (putBefore.length > 0) await put(...putBefore);
  await clock.advance(1_000);

  const configured = { ...configuration, ...settings };
  const mapping = runEventSourceMapping({
    settings: configured,
    tuning: { ...defaultMappingTuning, ...tuning },
    reader: {
      listShards: streams.reader.listShards,
      read: async (request) => {
        if (failingReads-- > 0) throw new Error("throttled");
        return await streams.reader.read(request);
      },
    },
    clock,
    random: { id: () => "id", fraction: () => 0.5 },
    invoke: async (shardId, records) => {
      const { streamArn, region, reportBatchItemFailures } = configured;
      const event = kinesisEvent({ streamArn, region, shardId }, records);
      events.push(event);
      const texts = textsOf(event);
      const answer =
        answers.shift() ?? (texts.some((text) => poisoned.has(text)) ? failure : success);
      const result = typeof answer === "function" ? answer(event) : answer;
      if (result.functionError === undefined) succeeded.push(...beforeReport(event, result));
      return { outcome: batchOutcome(result, records, reportBatchItemFailures), result };
    },
    onFailure: async (discarded) => void discards.push(discarded),
    onInvocation: (invocation) => figures.push(invocation),
    isStopped: () => stopped,
  });

  return {
    answers,
    discards,
    figures,
    failure,
    reports,
    put,
    putBytes: (all: readonly Uint8Array[]) =>
      putEntries(all.map((data) => ({ partitionKey: "k", data }))),
    /** One record into each half of the hash space by turns. */
    putEvenly: (...texts: readonly string[]) =>
      putEntries(
        texts.map((text, at) => ({
          partitionKey: text,
          data: bytesOf(text),
          explicitHash: (at % 2 === 0 ? "0" : "f").repeat(32),
        })),
      ),
    split: () => streams.admin.split("s", first),
    /** Invocations with this record fail. */
    poison: (text: string) => void poisoned.add(text),
    failReads: (times: number) => void (failingReads = times),
    advance: clock.advance,
    events: (): readonly KinesisStreamEvent[] => events,
    /** The texts of each invocation's records. */
    batches: () => events.map((event) => textsOf(event).join("")),
    succeeded: (): readonly string[] => succeeded,
    discarded: () =>
      discards.map(({ records }) =>
        records.map(({ data }) => new TextDecoder().decode(data)).join(""),
      ),
    /** Lets time pass until so many records have succeeded. */
    untilHandedOver: async (count: number) => {
      for (let waitedMs = 0; waitedMs < 600_000; waitedMs += 1_000) {
        if (succeeded.length >= count) return;
        await clock.advance(1_000);
      }
      throw new Error(`only ${succeeded.length} of ${count} records were handed over`);
    },
    stop: async () => {
      stopped = true;
      await clock.advance(60_000);
      await mapping;
    },
  };
}

const failure: InvocationResult = { functionError: "Unhandled", payload: '{"errorMessage":"no"}' };

/** Reports the records with these texts as failed. */
function reports(...texts: readonly string[]) {
  return (event: KinesisStreamEvent): InvocationResult => {
    const all = textsOf(event);
    const batchItemFailures = texts.map((text) => ({
      itemIdentifier: event.Records[all.indexOf(text)]!.kinesis.sequenceNumber,
    }));
    return { payload: JSON.stringify({ batchItemFailures }) };
  };
}

/** What a successful answer does not report. */
function beforeReport(event: KinesisStreamEvent, { payload }: InvocationResult): readonly string[] {
  const { batchItemFailures = [] } = (JSON.parse(payload) ?? {}) as {
    readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[];
  };
  const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  const index = event.Records.findIndex(({ kinesis }) => failed.includes(kinesis.sequenceNumber));
  const texts = textsOf(event);
  return index === -1 ? texts : texts.slice(0, index);
}

function textsOf({ Records }: KinesisStreamEvent): readonly string[] {
  return Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString());
}
