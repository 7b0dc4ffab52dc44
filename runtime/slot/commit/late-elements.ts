import type { SlotImage } from "../image/slot-image.ts";
import type { SlotMeta } from "../../job/slot-meta.ts";

/** Measures the elements of a commit that came too late for all of their windows: in all, and by operator. */
export function countLateElements({ job, meta }: SlotImage, before: SlotMeta): void {
  let sum = 0;
  for (const [operator, [, late]] of Object.entries(meta.counters.operators)) {
    const added = late - (before.counters.operators[operator]?.[1] ?? 0);
    if (added <= 0) continue;
    sum += added;
    job.ports.telemetry.count("lateElements", added, { operator });
  }
  if (sum > 0) job.ports.telemetry.count("lateElements", sum);
}
