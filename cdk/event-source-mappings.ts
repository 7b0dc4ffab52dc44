import type { IStream } from "aws-cdk-lib/aws-kinesis";
import {
  EventSourceMapping,
  StartingPosition,
  type CfnEventSourceMapping,
  type Function as Lambda,
} from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { StartFrom } from "../runtime/graph/connectors.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";
import type { JobBucket } from "./props.ts";
import { sourceStreamsOf } from "./plan-resources.ts";
import type { PipelineStreams } from "./streams.ts";

export interface MappingTargets {
  readonly process: Lambda;
  readonly streams: PipelineStreams;
  /** Gets a note of the batches that Lambda gave up because their records expired. */
  readonly bucket: JobBucket;
}

/** Feeds the process function: one mapping for each stream. */
export function createMappings(
  scope: Construct,
  { process, streams, bucket }: MappingTargets,
  { plan, settings }: { readonly plan: Plan; readonly settings: PipelineSettings },
): void {
  const mappings = new Construct(scope, "Mappings");
  // The process role may put these objects already; the CDK's own destination grants far more.
  const onFailure = { bind: () => ({ destination: bucket.bucketArn }) };
  const map = (id: string, stream: IStream, startFrom: StartFrom) => {
    const consumer = streams.consumers.get(stream);
    const mapping = new EventSourceMapping(mappings, id, {
      ...protocolSettings,
      ...startingAt(startFrom),
      target: process,
      eventSourceArn: consumer?.streamConsumerArn ?? stream.streamArn,
      batchSize: settings.batchSize,
      maxBatchingWindow: settings.batchWindow,
      onFailure,
    });
    // No limit, said aloud so that a limit set by hand is undone by the next deployment; a Duration can't be -1.
    (mapping.node.defaultChild as CfnEventSourceMapping).maximumRecordAgeInSeconds = -1;
  };
  for (const [name, startFrom] of sourceStreamsOf(plan))
    map(`Source-${name}`, streams.sources[name]!, startFrom);
  if (streams.exchange !== undefined) map("Exchange", streams.exchange, "earliest");
}

/** Protocol 3: with several batches of a shard at a time, lower sequence numbers would be skipped; no record may be given up. */
const protocolSettings = {
  parallelizationFactor: 1,
  retryAttempts: -1,
  reportBatchItemFailures: true,
} as const;

function startingAt(startFrom: StartFrom) {
  if (startFrom === "earliest") return { startingPosition: StartingPosition.TRIM_HORIZON };
  if (startFrom === "latest") return { startingPosition: StartingPosition.LATEST };
  return {
    startingPosition: StartingPosition.AT_TIMESTAMP,
    startingPositionTimestamp: Math.floor(startFrom.timeMs / 1000),
  };
}
