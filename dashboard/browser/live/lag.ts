import type { JobStatusView } from "../../../http/schemas/job.ts";
import { type Lag, watermarkLag } from "../../../runtime/observe/watermark-lag.ts";
import type { WrittenMs } from "../format/times.ts";

/** The watermark of the slowest stage of those that have begun and not ended; "end" where all have, "none" where none has begun. */
export function slowest({ watermarksMs }: Pick<JobStatusView, "watermarksMs">): WrittenMs {
  const all = Object.values(watermarksMs);
  const times = all.filter((ms) => typeof ms === "number");
  if (times.length > 0) return Math.min(...times);
  return all.length > 0 && all.every((ms) => ms === "end") ? "end" : "none";
}

/** How far the slowest stage is behind; undefined where its watermark is no time. */
export function lagOf(status: Pick<JobStatusView, "atMs" | "watermarksMs">): Lag | undefined {
  return watermarkLag(
    {
      atMs: status.atMs,
      operators: Object.values(status.watermarksMs).map((ms) => ({ watermarkMs: number(ms) })),
    },
    number(slowest(status)),
  );
}

function number(ms: WrittenMs): number {
  if (typeof ms === "number") return ms;
  return ms === "end" ? Infinity : -Infinity;
}
