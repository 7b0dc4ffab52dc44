import { alignedGroups, publishAlignment, publishAlignmentEveryMs } from "../job/alignment.ts";
import type { CoordinatorOptions } from "./options.ts";
import type { RoundView } from "./round.ts";

/** Tells aligned sources how far the slowest of them is (protocol 4.12): when that changes, and so often that they know that somebody does. */
export function alignmentReports({ job }: CoordinatorOptions) {
  let published = "";
  let publishedMs = Number.NEGATIVE_INFINITY;
  const isAligned = job.plan.sources.some(({ alignment }) => alignment !== undefined);
  return async ({ progress, nowMs }: Pick<RoundView, "progress" | "nowMs">): Promise<void> => {
    if (!isAligned) return;
    const groups = alignedGroups(job.plan, progress);
    const text = JSON.stringify(groups);
    if (text === published && nowMs - publishedMs < publishAlignmentEveryMs) return;
    await publishAlignment(job.ports, job.plan.job, groups);
    published = text;
    publishedMs = nowMs;
  };
}
