import type { OperatorProgress } from "./job-progress.ts";

/** How far a watermark is behind, and behind what. */
export interface Lag {
  readonly behind: "now" | "newest";
  readonly lagMs: number;
}

/** What is asked of a job's progress. */
export interface Watermarks {
  readonly atMs: number;
  readonly operators: readonly Pick<OperatorProgress, "watermarkMs">[];
}

/** Event time that is older than this is history: it is held against the newest watermark of the job. */
const historyMs = 86_400_000;

/** Undefined where the watermark is no time: before the first element and at the end. */
export function watermarkLag(progress: Watermarks, watermarkMs: number): Lag | undefined {
  if (!Number.isFinite(watermarkMs)) return undefined;
  const sinceMs = progress.atMs - watermarkMs;
  if (sinceMs <= historyMs) return { behind: "now", lagMs: sinceMs };
  const known = progress.operators.map((each) => each.watermarkMs).filter(Number.isFinite);
  return { behind: "newest", lagMs: Math.max(...known) - watermarkMs };
}
