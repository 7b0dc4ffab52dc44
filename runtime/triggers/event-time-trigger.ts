import type { TriggerDefinition } from "../graph/window-trigger.ts";

/** Once the watermark has reached a window's last timestamp, then with every late element (Flink: EventTimeTrigger). */
export const eventTimeTrigger: TriggerDefinition<unknown, undefined> = {
  name: "event time",
  keeps: "nothing",
  onElement: (_, { window, watermarkMs, timers }) => {
    if (window.endMs - 1 <= watermarkMs) return "fire";
    timers.setEvent(window.endMs - 1);
    return "continue";
  },
  onEventTime: ({ window, timestampMs }) =>
    timestampMs === window.endMs - 1 ? "fire" : "continue",
  onMerge: ({ window, watermarkMs, timers }) => {
    if (window.endMs - 1 > watermarkMs) timers.setEvent(window.endMs - 1);
  },
  clear: ({ window, timers }) => timers.clearEvent(window.endMs - 1),
};
