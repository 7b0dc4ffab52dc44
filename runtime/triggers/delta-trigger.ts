import type { TriggerDefinition } from "../graph/window-trigger.ts";

export interface Delta<T> {
  /** How far two elements are apart. */
  readonly delta: (last: T, value: T) => number;
  readonly threshold: number;
}

/** With an element that is further than the threshold from the last one that fired, or from the first (Flink: DeltaTrigger). */
export function deltaTrigger<T>({
  delta,
  threshold,
}: Delta<T>): TriggerDefinition<T, T | undefined> {
  return {
    name: `delta above ${threshold}`,
    keeps: "an element",
    onElement(value, { state }) {
      const last = state.get();
      const isFar = last !== undefined && delta(last, value) > threshold;
      if (last === undefined || isFar) state.set(value);
      return isFar ? "fire" : "continue";
    },
  };
}
