import type { TriggerDefinition } from "../graph/window-trigger.ts";
import { nextMultiple } from "./next-multiple.ts";

/**
 * Whenever the processing time reaches a multiple of the interval, until the end of the window: not at its end in event time (Flink:
 * ContinuousProcessingTimeTrigger).
 */
export function continuousProcessingTimeTrigger(
  intervalMs: number,
): TriggerDefinition<unknown, number | undefined> {
  return {
    name: `every ${intervalMs} ms of processing time`,
    keeps: "a multiple of processing time",
    onElement(_, { window, nowMs, state, timers }) {
      if (state.get() !== undefined) return "continue";
      const nextMs = Math.min(nextMultiple(nowMs, intervalMs), window.endMs - 1);
      state.set(nextMs);
      timers.setProcessing(nextMs);
      return "continue";
    },
    onProcessingTime({ window, timestampMs, state, timers }) {
      if (state.get() !== timestampMs) return "continue";
      const nextMs = Math.min(timestampMs + intervalMs, window.endMs - 1);
      state.set(nextMs);
      if (nextMs > timestampMs) timers.setProcessing(nextMs);
      return "fire";
    },
    onMerge({ merged, state, timers }) {
      const due = merged.flatMap(({ state: dueMs }) => dueMs ?? []);
      if (due.length === 0) return;
      state.set(Math.min(...due));
      timers.setProcessing(Math.min(...due));
    },
    clear({ state, timers }) {
      const dueMs = state.get();
      if (dueMs !== undefined) timers.clearProcessing(dueMs);
    },
  };
}
