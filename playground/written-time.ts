import type { WrittenMs } from "../runtime/job/progress.ts";

/** A written time as a number: -Infinity before the first, +Infinity behind the last. */
export function msOfWritten(time: WrittenMs): number {
  if (time === "none") return Number.NEGATIVE_INFINITY;
  return time === "end" ? Number.POSITIVE_INFINITY : time;
}
