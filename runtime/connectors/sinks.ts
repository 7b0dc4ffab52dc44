import { dynamodbSpec } from "./dynamodb-sink.ts";
import { kinesisSpec } from "./kinesis-sink.ts";
import type { SinkResource, SinkSpec, SinkTarget } from "./sink-spec.ts";

/** Every type of sink. */
const specs = {
  dynamodb: dynamodbSpec,
  kinesis: kinesisSpec,
} satisfies Readonly<Record<string, SinkSpec>>;

export type SinkType = keyof typeof specs;

export const sinkTypes = Object.keys(specs) as readonly SinkType[];

export function isSinkType(type: string): type is SinkType {
  return Object.hasOwn(specs, type);
}

export function sinkSpecOf(type: string): SinkSpec {
  if (isSinkType(type)) return specs[type];
  throw new Error(`There is no type of sink "${type}".`);
}

/** What has to be there before a sink writes. */
export function resourceOf(sink: SinkTarget & { readonly type: string }): SinkResource {
  return sinkSpecOf(sink.type).resource(sink);
}
