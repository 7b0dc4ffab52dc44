import { shardReader, type SourceSpec, type SplitReader } from "../connectors/source-spec.ts";
import { sourceSpecOf } from "../connectors/sources.ts";
import type { Plan } from "../plan/plan.ts";
import {
  type JobRuntime,
  type PhysicalNames,
  physicalStream,
  sourceNodeOf,
} from "./job-runtime.ts";
import { type SlotRef, usesExchange } from "./slot-ref.ts";

/** What feeds slots of a job: a source, or the exchange. */
export interface Feed extends Pick<SourceSpec<never>, "fedBy" | "dividesHashSpace"> {
  /** Uid of the source; absent for the exchange. */
  readonly source?: string;
  /** Physical name. */
  readonly stream: string;
}

const exchange = { fedBy: "records", dividesHashSpace: true } as const;

/** The sources, then the exchange where the plan needs one. */
export function feedsOf(plan: Plan, names: PhysicalNames): readonly Feed[] {
  const sources = plan.sources.map((source): Feed => {
    const { fedBy, dividesHashSpace } = sourceSpecOf(source);
    const stream = physicalStream(names, source.stream);
    return { source: source.uid, stream, fedBy, dividesHashSpace };
  });
  return usesExchange(plan) ? [...sources, { ...exchange, stream: names.exchangeStream }] : sources;
}

/** What feeds a slot. */
export function feedOf(
  { plan, names }: Pick<JobRuntime, "plan" | "names">,
  slot: Pick<SlotRef, "source">,
): Feed {
  return feedsOf(plan, names).find(({ source }) => source === slot.source) as Feed;
}

/** Physical names of the streams whose records somebody hands over to the job's slots. */
export function mappedStreamsOf(plan: Plan, names: PhysicalNames): readonly string[] {
  return feedsOf(plan, names).flatMap(({ fedBy, stream }) => (fedBy === "records" ? [stream] : []));
}

/** Reads the splits of a source, or the shards of the exchange. */
export function splitReaderOf(
  job: JobRuntime,
  { source: uid, stream }: Pick<Feed, "source" | "stream">,
): SplitReader {
  const { ports } = job;
  if (uid === undefined) return shardReader({ ports, stream });
  const { source } = sourceNodeOf(job, uid);
  return sourceSpecOf(source).reader({ source, ports, stream });
}
