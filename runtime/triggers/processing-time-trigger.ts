import type { TriggerDefinition } from "../graph/window-trigger.ts";

/** Once the processing time has reached a window's last moment (Flink: ProcessingTimeTrigger). */
export const processingTimeTrigger: TriggerDefinition<unknown, undefined> = {
  name: "processing time",
  keeps: "nothing",
  onElement: (_, { window, timers }) => {
    timers.setProcessing(window.endMs - 1);
    return "continue";
  },
  onProcessingTime: () => "fire",
  onMerge: ({ window, nowMs, timers }) => {
    if (window.endMs - 1 > nowMs) timers.setProcessing(window.endMs - 1);
  },
  clear: ({ window, timers }) => timers.clearProcessing(window.endMs - 1),
};
