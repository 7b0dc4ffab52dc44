import { isLikelyTime, likelyUnit } from "../program/event-time.ts";
import { sourceNodeOf } from "../../job/job-runtime.ts";
import type { SlotImage } from "../image/slot-image.ts";
import type { SlotMeta } from "../../job/slot-meta.ts";

/** Says so where the first elements of a shard have times that hardly can be: seconds that are taken for milliseconds, say. */
export function warnOfUnlikelyTime({ job, slot, meta }: SlotImage, before: SlotMeta): void {
  const timestampMs = meta.source?.maxTimestampMs ?? Number.NEGATIVE_INFINITY;
  if (Number.isFinite(before.source?.maxTimestampMs) || !Number.isFinite(timestampMs)) return;
  const { source } = slot;
  if (source === undefined || isLikelyTime(timestampMs)) return;
  if (sourceNodeOf(job, source).watermarks.timestamp === undefined) return;
  const unit = likelyUnit(timestampMs);
  job.ports.telemetry.log("warn", "the first event times of a source are unlikely", {
    code: "event-times-unlikely",
    slot: slot.name,
    timestampMs,
    ...(unit === undefined ? {} : { likelyUnit: unit }),
    next: "Let the source's timestamp function give milliseconds since 1970, a Date or an ISO 8601 text.",
  });
}
