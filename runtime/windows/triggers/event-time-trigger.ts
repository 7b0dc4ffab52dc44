import type { TimeWindow } from "../../graph/functions.ts";
import type { Trigger, TriggerTime } from "./trigger.ts";

/** Once the watermark has reached a window's last timestamp, then with every late element (Flink: EventTimeTrigger). */
export function eventTimeTrigger(time: TriggerTime): Trigger {
  const dueMs = ({ endMs }: TimeWindow): number => endMs - 1;
  return { onElement: (window) => dueMs(window) <= time.watermarkMs, dueMs, earliestMs: dueMs };
}
