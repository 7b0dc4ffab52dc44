import type { Duration } from "../graph/duration.ts";
import type { TriggerDefinition, WindowTrigger } from "../graph/window-trigger.ts";
import { continuousProcessingTimeTrigger as everyProcessingTime } from "../triggers/continuous-processing-time-trigger.ts";
import { countTrigger as everyCount } from "../triggers/count-trigger.ts";
import { type Delta, deltaTrigger as aboveDelta } from "../triggers/delta-trigger.ts";
import { processingTimeoutTrigger as orTimeout } from "../triggers/processing-timeout-trigger.ts";
import { purgingTrigger as purging } from "../triggers/purging-trigger.ts";
import { triggerDefinition } from "../triggers/trigger-definition.ts";
import { positiveCount, positiveMs } from "./above-zero.ts";

interface Interval {
  readonly interval: Duration;
}

/** At the end of a window by the watermark, and then with every late element: what windows of event time do anyway. Flink's EventTimeTrigger. */
export function eventTimeTrigger(): WindowTrigger {
  return Object.freeze({ kind: "event-time" });
}

/** At the end of a window by processing time: what windows of processing time do anyway. Flink's ProcessingTimeTrigger. */
export function processingTimeTrigger(): WindowTrigger {
  return Object.freeze({ kind: "processing-time" });
}

/**
 * Windows give results before their end as well: whenever the watermark reaches a multiple of `interval` since 1970-01-01T00:00Z, where
 * something has come since the last result. Later results replace earlier ones (docs/changes.md).
 * @throws MillraceError `duration-invalid`, `window-invalid` unless interval > 0.
 */
export function continuousEventTimeTrigger({ interval }: Interval): WindowTrigger {
  const intervalMs = positiveMs("interval", interval, "a trigger");
  return Object.freeze({ kind: "continuous-event-time", intervalMs });
}

/**
 * Windows give results whenever the processing time reaches a multiple of `interval`, from the first element until their end in that time. A window
 * of event time gives none at its end by the watermark. Flink's ContinuousProcessingTimeTrigger.
 * @throws MillraceError `duration-invalid`, `window-invalid` unless interval > 0.
 */
export function continuousProcessingTimeTrigger({ interval }: Interval): WindowTrigger {
  return Object.freeze(everyProcessingTime(positiveMs("interval", interval, "a trigger")));
}

/**
 * With every `count`th element of a window, and with nothing else: what is left at its end gives no result. Flink's CountTrigger.
 * @throws MillraceError `window-invalid` unless count is a whole number from 1.
 */
export function countTrigger(count: number): WindowTrigger {
  return Object.freeze(everyCount(positiveCount("count", count, "a trigger")));
}

/**
 * With an element that is further than `threshold` from the last one that gave a result, or from the first of the window. Not for sessions. Flink's
 * DeltaTrigger.
 */
export function deltaTrigger<T>(delta: Delta<T>): WindowTrigger<T> {
  return Object.freeze(aboveDelta(delta));
}

/**
 * When another trigger fires, and then the window forgets its elements: each result is of new ones, and replaces none. Flink's PurgingTrigger; the
 * same as `accumulation: "discarding"`.
 */
export function purgingTrigger<T>(trigger: WindowTrigger<T>): WindowTrigger<T> {
  return Object.freeze(purging(triggerDefinition(trigger)));
}

export interface TimeoutOptions {
  readonly timeout: Duration;
  /** The time begins anew with every element. Default: false, it begins with the first element since the last result. */
  readonly resetOnElement?: boolean;
  /** The other trigger begins anew after a time-out, with what it counts. Default: true. */
  readonly clearOnTimeout?: boolean;
}

/**
 * When another trigger fires, and after a time of processing at the latest. Not for sessions. Flink's ProcessingTimeoutTrigger.
 * @throws MillraceError `duration-invalid`, `window-invalid` unless timeout > 0.
 */
export function processingTimeoutTrigger<T>(
  trigger: WindowTrigger<T>,
  { timeout, resetOnElement = false, clearOnTimeout = true }: TimeoutOptions,
): WindowTrigger<T> {
  const timeoutMs = positiveMs("timeout", timeout, "a trigger");
  const definition = triggerDefinition(trigger);
  return Object.freeze(orTimeout(definition, { timeoutMs, resetOnElement, clearOnTimeout }));
}

/**
 * A trigger of your own: Flink's Trigger, with one state per window and key, whose type follows from what `state` makes.
 * @example customTrigger({ name: "large", onElement: (order: Order) => (order.cents > 100_000 ? "fire" : "continue") })
 */
export function customTrigger<T, S = undefined>(
  definition: TriggerDefinition<T, S>,
): WindowTrigger<T> {
  return Object.freeze({ ...definition });
}
