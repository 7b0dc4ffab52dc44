import { Stream, StreamEncryption, StreamMode, type IStream } from "aws-cdk-lib/aws-kinesis";
import { Construct } from "constructs";
import type { Plan } from "../runtime/plan/plan.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";
import { sinkStreamsOf, sourceStreamsOf } from "./plan-resources.ts";

export interface PipelineStreams {
  /** Between the job's own stages. */
  readonly exchange: IStream;
  /** By the names that the job uses. */
  readonly sources: Readonly<Record<string, IStream>>;
  readonly sinks: Readonly<Record<string, IStream>>;
}

/** The exchange, and every stream of the job that was not given. A stream that is read and written is one stream. */
export function createStreams(
  scope: Construct,
  plan: Plan,
  settings: PipelineSettings,
): PipelineStreams {
  const created = new Construct(scope, "Streams");
  const create = (name: string) => createStream(created, name, settings);
  const sources = byName([...sourceStreamsOf(plan).keys()], (name) => {
    return settings.sources[name] ?? settings.sinkStreams[name] ?? create(name);
  });
  const sinks = byName(sinkStreamsOf(plan), (name) => {
    return settings.sinkStreams[name] ?? sources[name] ?? create(name);
  });
  const exchange = createStream(scope, "Exchange", {
    ...settings,
    streamShards: settings.exchangeShards,
  });
  return { exchange, sources, sinks };
}

function createStream(
  scope: Construct,
  id: string,
  { streamShards, streamRetention, removalPolicy }: PipelineSettings,
): IStream {
  return new Stream(scope, id, {
    streamMode: StreamMode.PROVISIONED,
    shardCount: streamShards,
    retentionPeriod: streamRetention,
    // The key that AWS keeps for Kinesis: it costs nothing, and callers need no grant on it.
    encryption: StreamEncryption.MANAGED,
    removalPolicy,
  });
}

function byName<T>(names: readonly string[], make: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}
