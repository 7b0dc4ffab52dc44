import type { TriggerDefinition } from "../graph/window-trigger.ts";
import { endOfInputNext, nextMultiple } from "./next-multiple.ts";

interface Due {
  readonly nextMs?: number;
  /** An element has come since the last result. */
  readonly isNew?: boolean;
}

/**
 * Whenever the watermark reaches a multiple of the interval, at the end, and with every late element (Flink: ContinuousEventTimeTrigger, which
 * fires at each multiple, whether there is something new or not).
 */
export function continuousEventTimeTrigger(intervalMs: number): TriggerDefinition<unknown, Due> {
  return {
    name: `every ${intervalMs} ms of event time`,
    keeps: "a multiple of event time",
    state: () => ({}),
    onElement(_, { window, watermarkMs, timestampMs, state, timers }) {
      const lastMs = window.endMs - 1;
      if (lastMs <= watermarkMs) return "fire";
      timers.setEvent(lastMs);
      const { nextMs = Math.min(nextMultiple(timestampMs, intervalMs), lastMs) } = state.get();
      state.set({ nextMs, isNew: true });
      timers.setEvent(nextMs);
      return "continue";
    },
    onEventTime({ window, timestampMs, watermarkMs, state, timers }) {
      const lastMs = window.endMs - 1;
      const { nextMs, isNew } = state.get();
      if (timestampMs === lastMs) state.clear();
      else if (timestampMs === nextMs) {
        const dueMs = endOfInputNext(watermarkMs, lastMs) ?? timestampMs + intervalMs;
        state.set({ nextMs: Math.min(dueMs, lastMs) });
        timers.setEvent(Math.min(dueMs, lastMs));
      } else return "continue";
      return isNew === true ? "fire" : "continue";
    },
    onMerge({ window, watermarkMs, merged, state, timers }) {
      const states = merged.map(({ state: due }) => due);
      const due = states.flatMap(({ nextMs }) => nextMs ?? []);
      const isNew = states.some((each) => each.isNew === true);
      const lastMs = window.endMs - 1;
      if (lastMs > watermarkMs) timers.setEvent(lastMs);
      if (due.length === 0) return;
      const nextMs = Math.min(...due);
      state.set({ nextMs, ...(isNew && { isNew }) });
      timers.setEvent(nextMs);
    },
    clear({ window, state, timers }) {
      const { nextMs } = state.get();
      if (nextMs !== undefined) timers.clearEvent(nextMs);
      timers.clearEvent(window.endMs - 1);
    },
  };
}
