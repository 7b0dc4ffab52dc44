import { dynamodbSpec } from "./dynamodb-sink.ts";
import { fileSpec } from "./file-sink.ts";
import { kinesisSpec } from "./kinesis-sink.ts";
import { printSpec } from "./print-sink.ts";
import type { DirectSpec, SinkResource, SinkSpec, SinkTarget, StagedSpec } from "./sink-spec.ts";

/** Every type of sink. */
const specs = {
  dynamodb: dynamodbSpec,
  kinesis: kinesisSpec,
  files: fileSpec,
  print: printSpec,
} satisfies Readonly<Record<string, SinkSpec>>;

export type SinkType = keyof typeof specs;

export const sinkTypes = Object.keys(specs) as readonly SinkType[];

export function isSinkType(type: string): type is SinkType {
  return Object.hasOwn(specs, type);
}

function sinkSpecOf(type: string): SinkSpec {
  if (isSinkType(type)) return specs[type];
  throw new Error(`There is no type of sink "${type}".`);
}

/** How a sink makes what an epoch holds visible; undefined for one that delivers at once. */
export function stagedSpecOf(type: string): StagedSpec | undefined {
  const spec = sinkSpecOf(type);
  return "commit" in spec ? spec : undefined;
}

export function directSpecOf(type: string): DirectSpec | undefined {
  const spec = sinkSpecOf(type);
  return "write" in spec ? spec : undefined;
}

/** What has to be there before a sink writes. */
export function resourceOf(sink: SinkTarget & { readonly type: string }): SinkResource {
  return sinkSpecOf(sink.type).resource(sink);
}
