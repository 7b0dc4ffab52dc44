import type { TriggerDefinition, WindowTrigger } from "../graph/window-trigger.ts";
import { continuousEventTimeTrigger } from "./continuous-event-time-trigger.ts";
import { eventTimeTrigger } from "./event-time-trigger.ts";
import { processingTimeTrigger } from "./processing-time-trigger.ts";

/** A trigger as functions. */
// oxlint-disable-next-line typescript/no-explicit-any
export function triggerDefinition<T>(trigger: WindowTrigger<T>): TriggerDefinition<T, any> {
  if (!("kind" in trigger)) return trigger;
  switch (trigger.kind) {
    case "event-time":
      return eventTimeTrigger;
    case "processing-time":
      return processingTimeTrigger;
    case "continuous-event-time":
      return continuousEventTimeTrigger(trigger.intervalMs);
  }
}

/** What a trigger keeps of a window, in words. */
// oxlint-disable-next-line typescript/no-explicit-any
export const keptBy = ({ keeps = "state of its own" }: TriggerDefinition<any, any>): string =>
  keeps;
