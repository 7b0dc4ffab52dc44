import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { createHash, randomUUID } from "node:crypto";
import { kinesisEvent } from "../../runtime/event-source/kinesis-event.ts";
import { runEventSourceMapping } from "../../runtime/event-source/mapping.ts";
import type { MappingTuning } from "../../runtime/event-source/mapping-options.ts";
import type { Clock, Random, StreamReader } from "../../runtime/ports/index.ts";
import { batchOutcome } from "../lambda/batch-response.ts";
import type { MappingDescription } from "../lambda/lambda-api.ts";
import type { LambdaFunction } from "../lambda/lambda-function.ts";
import type { MappingConfiguration } from "../lambda/mapping-configuration.ts";
import { discardedObject } from "../lambda/on-failure.ts";

type Properties = Readonly<Record<string, unknown>>;

/** A mapping of the template, and what it has done so far. */
export interface DeployedMapping {
  readonly configuration: MappingConfiguration;
  readonly functionName: string;
  readonly bucket?: string;
  readonly description: MappingDescription;
  readonly figures: MappingFigures;
}

export interface MappingFigures {
  invocations: number;
  failures: number;
  /** Batches that were handed over again although they had succeeded. */
  redeliveries: number;
  records: number;
  iteratorAgeMs: number;
  discarded: number;
}

/** Reads an `AWS::Lambda::EventSourceMapping` whose references are resolved. */
export function mappingOf(
  logicalId: string,
  properties: Properties,
  { region, functionArn }: { readonly region: string; readonly functionArn: string },
): DeployedMapping {
  const streamArn = String(properties["EventSourceArn"]);
  const uuid = uuidOf(logicalId);
  const number = (name: string, byDefault: number): number => Number(properties[name] ?? byDefault);
  const responseTypes = (properties["FunctionResponseTypes"] ?? []) as readonly string[];
  const destination = properties["DestinationConfig"] as
    | { readonly OnFailure?: { readonly Destination?: string } }
    | undefined;
  const bucket = /^arn:aws:s3:::(.+)$/.exec(destination?.OnFailure?.Destination ?? "")?.[1];
  return {
    configuration: {
      uuid,
      stream: streamArn.slice(streamArn.indexOf("stream/") + "stream/".length),
      streamArn,
      region,
      functionArn,
      startingPosition: startingPosition(properties),
      batchSize: number("BatchSize", 100),
      batchWindowMs: number("MaximumBatchingWindowInSeconds", 0) * 1_000,
      bisectBatchOnFunctionError: properties["BisectBatchOnFunctionError"] === true,
      reportBatchItemFailures: responseTypes.includes("ReportBatchItemFailures"),
      maximumRetryAttempts: number("MaximumRetryAttempts", -1),
      maximumRecordAgeSeconds: number("MaximumRecordAgeInSeconds", -1),
    },
    functionName: String(properties["FunctionName"]),
    ...(bucket === undefined ? {} : { bucket }),
    description: {
      ...properties,
      UUID: uuid,
      EventSourceArn: streamArn,
      FunctionArn: functionArn,
      State: "Enabled",
    },
    figures: {
      invocations: 0,
      failures: 0,
      redeliveries: 0,
      records: 0,
      iteratorAgeMs: 0,
      discarded: 0,
    },
  };
}

function startingPosition(properties: Properties): MappingConfiguration["startingPosition"] {
  const position = properties["StartingPosition"];
  if (position === "LATEST") return { kind: "latest" };
  if (position !== "AT_TIMESTAMP") return { kind: "earliest" };
  return { kind: "time", timeMs: Number(properties["StartingPositionTimestamp"]) * 1_000 };
}

/** The same in every deployment of the same stack. */
function uuidOf(logicalId: string): string {
  const hex = createHash("sha256").update(logicalId).digest("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

export interface MappingWorld {
  readonly reader: StreamReader;
  readonly s3: S3Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly tuning: MappingTuning;
  readonly onError: (error: unknown) => void;
  readonly isStopped: () => boolean;
}

/** Runs a mapping until it is stopped. */
export async function runMapping(
  { configuration, bucket, figures }: DeployedMapping,
  target: LambdaFunction,
  world: MappingWorld,
): Promise<void> {
  const { s3, ...rest } = world;
  await runEventSourceMapping({
    ...rest,
    settings: configuration,
    invoke: async (shardId, records) => {
      const { streamArn, region, reportBatchItemFailures } = configuration;
      const event = kinesisEvent({ streamArn, region, shardId }, records);
      const result = await target.invoke(JSON.stringify(event));
      return { outcome: batchOutcome(result, records, reportBatchItemFailures), result };
    },
    onInvocation: ({ records, iteratorAgeMs, succeeded, isRedelivery }) => {
      figures.invocations += 1;
      figures.records += records;
      if (isRedelivery) figures.redeliveries += 1;
      figures.iteratorAgeMs = iteratorAgeMs;
      if (!succeeded) figures.failures += 1;
    },
    onFailure: async (discarded) => {
      figures.discarded += discarded.records.length;
      if (bucket === undefined) return;
      const requestId = randomUUID();
      const nowMs = world.clock.nowMs();
      const { key, body } = discardedObject(discarded, { configuration, nowMs, requestId });
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
  });
}
