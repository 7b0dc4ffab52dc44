import { dynamodbSink, kinesisSink } from "../../../runtime/connectors/index.ts";
import {
  type DataStream,
  defineJob,
  type JobDefinition,
  type KeyedStream,
  outputTag,
  type StreamEnvironment,
  type WindowAssigner,
} from "../../../runtime/index.ts";
import { collecting, windowResult } from "./firing.ts";
import type { Item } from "./item.ts";
import { readItems } from "./source.ts";
import { jobOptions, type JobVariant } from "./variants.ts";

export interface WindowVariant extends JobVariant {
  readonly latenessMs: number;
}

export interface WindowJob {
  readonly name: string;
  readonly assigner: WindowAssigner;
  /** Default: the stream "items". */
  readonly read?: (env: StreamEnvironment) => DataStream<Item>;
}

const late = outputTag<Item>("late");

/** A job of windows by key. */
export function windowJob(
  { name, assigner, read = (env) => readItems(env, "items") }: WindowJob,
  variant: WindowVariant,
): JobDefinition {
  return defineJob(
    name,
    (env) =>
      addWindows(
        read(env).keyBy((item) => item.key),
        { assigner, ...variant },
      ),
    jobOptions(variant),
  );
}

export interface AddedWindows {
  readonly assigner: WindowAssigner;
  readonly latenessMs: number;
}

/** Every firing replaces the window's row and is appended to a log; what is late goes to a stream of its own. */
export function addWindows(
  byKey: KeyedStream<Item, string>,
  { assigner, latenessMs }: AddedWindows,
): void {
  const results = byKey
    .window(assigner, {
      uid: "windows",
      allowedLateness: { milliseconds: latenessMs },
      lateOutput: late,
    })
    .aggregate(collecting, windowResult);
  results.sinkTo(dynamodbSink({ table: "windows", key: ["key", "startMs"] }), {
    uid: "window-rows",
  });
  results.sinkTo(
    kinesisSink({
      stream: "firings",
      partitionKey: ({ key }) => key,
      toRecord: (result, change) => ({ ...result, change }),
    }),
    { uid: "firings" },
  );
  results
    .sideOutput(late)
    .sinkTo(kinesisSink({ stream: "late", partitionKey: ({ from }) => from }), { uid: "late" });
}
