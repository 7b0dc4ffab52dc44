import { Arn, Stack, Token } from "aws-cdk-lib";
import {
  Stream,
  StreamConsumer,
  StreamMode,
  type IStream,
  type IStreamConsumer,
} from "aws-cdk-lib/aws-kinesis";
import { Construct } from "constructs";
import type { Plan } from "../runtime/plan/plan.ts";
import { usesExchange } from "../runtime/job/slot-ref.ts";
import { acknowledge } from "./acknowledged-findings.ts";
import { encryptedStream } from "./encryption.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";
import { sinkStreamsOf, sourceStreamsOf } from "./plan-resources.ts";
import type { GivenStream } from "./props.ts";

export interface PipelineStreams {
  /** Between the job's own stages; absent where it has but one. */
  readonly exchange?: IStream;
  /** By the names that the job uses. */
  readonly sources: Readonly<Record<string, IStream>>;
  readonly sinks: Readonly<Record<string, IStream>>;
  /** With enhanced fan-out: the process function's own readers, one for each stream that feeds it. */
  readonly consumers: ReadonlyMap<IStream, IStreamConsumer>;
}

/** The exchange, and every stream of the job that was not given. A stream that is read and written is one stream. */
export function createStreams(
  scope: Construct,
  plan: Plan,
  settings: PipelineSettings,
): PipelineStreams {
  const created = new Construct(scope, "Streams");
  const given = new Construct(scope, "GivenStreams");
  const use = (name: string, stream: GivenStream | undefined) =>
    stream === undefined ? createStream(created, name, settings) : streamOf(given, name, stream);
  const sources = byName([...sourceStreamsOf(plan).keys()], (name) =>
    use(name, settings.sources[name] ?? settings.sinkStreams[name]),
  );
  const sinks = byName(sinkStreamsOf(plan), (name) => {
    const stream = settings.sinkStreams[name];
    // The same one as the source's, unless two were given.
    if (name in sources && (stream === undefined || settings.sources[name] === undefined))
      return sources[name]!;
    return stream === undefined ? use(name, stream) : streamOf(given, `${name}-sink`, stream);
  });
  if (!usesExchange(plan))
    return { sources, sinks, consumers: consumersOf(scope, sources, settings) };
  const exchange = createStream(scope, "Exchange", {
    ...settings,
    streamShards: settings.exchangeShards,
    streamRetention: settings.exchangeRetention,
  });
  const consumers = consumersOf(scope, { ...sources, exchange }, settings);
  return { exchange, sources, sinks, consumers };
}

/** All that feed the process function. */
export function streamsThatFeed({ sources, exchange }: PipelineStreams): readonly IStream[] {
  return exchange === undefined ? Object.values(sources) : [...Object.values(sources), exchange];
}

function streamOf(scope: Construct, name: string, given: GivenStream): IStream {
  if (typeof given !== "string") return given;
  return Stream.fromStreamArn(
    scope,
    name,
    arnOf(scope, given, { service: "kinesis", resource: "stream" }),
  );
}

/** An ARN as it is, a name as the ARN of what has this name in the stack's account and region. */
export function arnOf(
  scope: Construct,
  given: string,
  kind: { readonly service: string; readonly resource: string },
): string {
  const isArn = Token.isUnresolved(given) || given.startsWith("arn:");
  return isArn ? given : Arn.format({ ...kind, resourceName: given }, Stack.of(scope));
}

function createStream(
  scope: Construct,
  id: string,
  { streamShards, streamRetention, removalPolicy, encryptionKey }: PipelineSettings,
): IStream {
  const stream = new Stream(scope, id, {
    streamMode: StreamMode.PROVISIONED,
    shardCount: streamShards,
    retentionPeriod: streamRetention,
    ...encryptedStream(encryptionKey),
    removalPolicy,
  });
  if (encryptionKey !== undefined)
    acknowledge(stream, { "AwsSolutions-KDS3": "A key of the account's own was asked for." });
  return stream;
}

function consumersOf(
  scope: Construct,
  streams: Readonly<Record<string, IStream>>,
  { enhancedFanOut, pipelineName }: PipelineSettings,
): ReadonlyMap<IStream, IStreamConsumer> {
  const consumers = new Map<IStream, IStreamConsumer>();
  if (!enhancedFanOut) return consumers;
  const readers = new Construct(scope, "Consumers");
  for (const [name, stream] of Object.entries(streams)) {
    if (consumers.has(stream)) continue;
    const consumer = { stream, streamConsumerName: `millrace-${pipelineName}` };
    consumers.set(stream, new StreamConsumer(readers, name, consumer));
  }
  return consumers;
}

function byName<T>(names: readonly string[], make: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}
