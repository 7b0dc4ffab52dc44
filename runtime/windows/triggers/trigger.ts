import type { TimeWindow } from "../../graph/functions.ts";
import type { PlainTrigger } from "../../graph/window-trigger.ts";
import { continuousEventTimeTrigger } from "./continuous-event-time-trigger.ts";
import { eventTimeTrigger } from "./event-time-trigger.ts";

/** The time that a trigger goes by. */
export interface TriggerTime {
  readonly watermarkMs: number;
}

/** What a trigger notes of a window; it is kept with the window. */
export interface TriggerNotes {
  /** When the window gives a result next, if that is before its end. */
  earlyMs?: number;
}

/** When windows give their results. It knows neither which windows there are nor what they keep. */
export interface Trigger {
  /** An element has come into a window: whether the window gives its result with it. */
  onElement(window: TimeWindow, notes: TriggerNotes, timestampMs: number): boolean;
  /** When a window that has something new gives its result by itself. */
  dueMs(window: TimeWindow, notes: TriggerNotes): number;
  /** No later than any result of a window, before its notes are looked at. */
  earliestMs(window: TimeWindow): number;
}

export function triggerOf(trigger: PlainTrigger | undefined, time: TriggerTime): Trigger {
  return trigger?.kind === "continuous-event-time"
    ? continuousEventTimeTrigger(trigger, time)
    : eventTimeTrigger(time);
}
