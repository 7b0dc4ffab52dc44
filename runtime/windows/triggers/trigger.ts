import type { TimeWindow } from "../../graph/functions.ts";
import { eventTimeTrigger } from "./event-time-trigger.ts";

/** The time that a trigger goes by. */
export interface TriggerTime {
  readonly watermarkMs: number;
}

/** When windows give their results. It knows neither which windows there are nor what they keep. */
export interface Trigger {
  /** Whether a window gives its result with an element that has just come into it. */
  firesWith(window: TimeWindow): boolean;
  /** When a window that has something new gives its result by itself; +Infinity: never. */
  dueMs(window: TimeWindow): number;
}

export function triggerOf(time: TriggerTime): Trigger {
  return eventTimeTrigger(time);
}
