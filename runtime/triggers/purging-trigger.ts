import type { TriggerDefinition, TriggerResult } from "../graph/window-trigger.ts";

/** Fires when another one does, and forgets what the window holds (Flink: PurgingTrigger). */
export function purgingTrigger<T, S>(inner: TriggerDefinition<T, S>): TriggerDefinition<T, S> {
  const { onElement, onEventTime, onProcessingTime } = inner;
  return {
    ...inner,
    name: `${inner.name}, purging`,
    purges: true,
    onElement: (value, ctx) => purging(onElement(value, ctx)),
    ...(onEventTime && { onEventTime: (ctx) => purging(onEventTime(ctx)) }),
    ...(onProcessingTime && { onProcessingTime: (ctx) => purging(onProcessingTime(ctx)) }),
  };
}

function purging(result: TriggerResult): TriggerResult {
  return result === "fire" ? "fire-and-purge" : result;
}
