import { written } from "../job/progress.ts";
import type { JobStatus } from "./job-status.ts";

/** For programs: times in ms, a watermark that is none as "none" or "end". */
export function statusJson(status: JobStatus): object {
  const { slots, watermarksMs } = status;
  return {
    type: "status",
    ...status,
    watermarksMs: Object.fromEntries(
      Object.entries(watermarksMs).map(([stage, ms]) => [stage, written(ms)]),
    ),
    slots: slots.map((slot) => ({ ...slot, watermarkMs: written(slot.watermarkMs) })),
  };
}
