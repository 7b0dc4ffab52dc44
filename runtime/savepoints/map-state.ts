import type { Manifest } from "../checkpoint/manifest.ts";
import type { Part, SegmentRef } from "../checkpoint/part.ts";
import type { Block } from "../exchange/frame.ts";
import type { JobRuntime } from "../slot/job-runtime.ts";
import type { SlotMeta } from "../slot/slot-meta.ts";

/** How state of the plan that an epoch was taken with comes to the operators of the job as it is now. */
export interface StateMapping {
  /** Operators whose state is left behind. */
  readonly dropped: readonly string[];
  /** What is known of a slot, by the names of the new plan. */
  meta(saved: SlotMeta, manifest: Manifest): SlotMeta;
  /** The segments of a part: those of the epoch themselves where nothing about them changes. */
  segments(part: Part<SlotMeta>): Promise<readonly SegmentRef[]>;
  blocks(saved: readonly Block[]): readonly Block[];
}

export interface MappingOptions {
  /** Job and generation: how the names of segments that are written anew begin. */
  readonly prefix: string;
  readonly allowNonRestoredState: boolean;
}

export async function mapState(
  _job: JobRuntime,
  _manifest: Manifest,
  _options: MappingOptions,
): Promise<StateMapping> {
  return {
    dropped: [],
    meta: (saved, { publishedMs }) => ({ startMs: publishedMs, ...saved }),
    segments: async ({ segments }) => segments,
    blocks: (saved) => saved,
  };
}
