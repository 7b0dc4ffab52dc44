import type { WindowNode } from "../graph/node.ts";
import { timeOfWindows, type WindowAssigner } from "../graph/window-assigner.ts";
import type { PlainTrigger, TriggerDefinition } from "../graph/window-trigger.ts";
import { eventTimeTrigger } from "../triggers/event-time-trigger.ts";
import { neverTrigger } from "../triggers/never-trigger.ts";
import { processingTimeTrigger } from "../triggers/processing-time-trigger.ts";
import { triggerDefinition } from "../triggers/trigger-definition.ts";

type TriggerParts = Pick<WindowNode, "assigner" | "trigger" | "evictor" | "accumulation">;

/**
 * The trigger of windows that fire with the watermark alone and keep what they hold: their timers are no state, since they follow from the
 * windows. Undefined where functions decide.
 */
export function plainTrigger({
  assigner,
  trigger = { kind: "event-time" },
  evictor,
  accumulation = "accumulating",
}: TriggerParts): PlainTrigger | undefined {
  const keepsAll =
    evictor === undefined && (accumulation === "accumulating" || accumulation === "retracting");
  if (timeOfWindows(assigner) !== "event" || !keepsAll || !("kind" in trigger)) return undefined;
  return trigger.kind === "processing-time" ? undefined : trigger;
}

/** The trigger of other windows. */
export function triggerOfFunctions({
  assigner,
  trigger,
}: TriggerParts): TriggerDefinition<unknown, unknown> {
  return trigger === undefined ? usualTrigger(assigner) : triggerDefinition<unknown>(trigger);
}

function usualTrigger(assigner: WindowAssigner): TriggerDefinition<unknown, unknown> {
  const usual = { event: eventTimeTrigger, processing: processingTimeTrigger, none: neverTrigger };
  return usual[timeOfWindows(assigner)] as TriggerDefinition<unknown, unknown>;
}
