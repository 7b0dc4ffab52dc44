import { Duration } from "aws-cdk-lib";
import { CfnStream, type IStream } from "aws-cdk-lib/aws-kinesis";
import { Construct } from "constructs";
import type { PipelineSettings } from "./pipeline-settings.ts";
import { streamsThatFeed, type PipelineStreams } from "./streams.ts";

/** After this long the first record of the streams that feed a job expires. */
export function shortestRetention(
  streams: PipelineStreams,
  { namedRetention }: PipelineSettings,
): Duration {
  const hours = streamsThatFeed(streams).map(
    (stream) => knownHoursOf(stream) ?? namedRetention.toHours(),
  );
  return hours.length === 0 ? namedRetention : Duration.hours(Math.min(...hours));
}

/** Of a stream that this app makes. */
function knownHoursOf(stream: IStream): number | undefined {
  if (!Construct.isConstruct(stream)) return undefined;
  const { defaultChild } = stream.node;
  return defaultChild instanceof CfnStream ? defaultChild.retentionPeriodHours : undefined;
}
