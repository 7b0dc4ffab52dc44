import type { TriggerDefinition } from "../graph/window-trigger.ts";

/** With every so many elements of a window; merged windows have as many as both (Flink: CountTrigger). */
export function countTrigger(count: number): TriggerDefinition<unknown, number> {
  return {
    name: `count ${count}`,
    keeps: "a count",
    state: () => 0,
    onElement(_, { state }) {
      const counted = state.get() + 1;
      if (counted < count) {
        state.set(counted);
        return "continue";
      }
      state.clear();
      return "fire";
    },
    onMerge: ({ merged, state }) => state.set(merged.reduce((sum, { state: n }) => sum + n, 0)),
  };
}
