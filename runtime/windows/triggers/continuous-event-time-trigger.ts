import type { PlainTrigger } from "../../graph/window-trigger.ts";
import { nextMultiple } from "../../triggers/next-multiple.ts";
import type { Trigger, TriggerTime } from "./trigger.ts";

/**
 * Whenever the watermark reaches a multiple of the interval, first that behind the first element; at the end, and with every late
 * element (Flink: ContinuousEventTimeTrigger, which fires at each multiple, whether there is something new or not).
 */
export function continuousEventTimeTrigger(
  { intervalMs }: Extract<PlainTrigger, { readonly kind: "continuous-event-time" }>,
  time: TriggerTime,
): Trigger {
  return {
    onElement({ endMs }, notes, timestampMs) {
      if (endMs - 1 <= time.watermarkMs) return true;
      const { earlyMs } = notes;
      if (earlyMs === undefined) notes.earlyMs = nextMultiple(timestampMs, intervalMs);
      else if (earlyMs <= time.watermarkMs)
        notes.earlyMs = nextMultiple(time.watermarkMs, intervalMs);
      return false;
    },
    dueMs: ({ endMs }, { earlyMs = endMs }) => Math.min(earlyMs, endMs - 1),
    earliestMs: ({ startMs }) => startMs,
  };
}
