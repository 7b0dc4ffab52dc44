import type { KeyedRuntime } from "../operators/contract.ts";
import type { StateEntry } from "../state/state-entry.ts";

/** The event timers of a state whose entries are windows and whose map keys are the windows' starts. */
export interface WindowTimers {
  /** Arms a window that was just made, loaded or put back. */
  armNew(entry: StateEntry, timeMs: number): void;
  /** Arms a window again after one of its timers fired. Timers that were armed more than once become one here. */
  armAgain(entry: StateEntry, timeMs: number): void;
}

/** Arms the event timers of a subtask; a time that never comes is none. */
export function windowTimers(runtime: KeyedRuntime): WindowTimers {
  const armedAgainMs = new WeakMap<StateEntry, number>();

  function arm({ record, cell, mapKey }: StateEntry, timeMs: number): void {
    if (timeMs === Number.POSITIVE_INFINITY) return;
    runtime.eventTimers.arm({ timeMs, record, cell, mapKey: mapKey as number });
  }

  return {
    armNew(entry, timeMs) {
      armedAgainMs.delete(entry);
      arm(entry, timeMs);
    },
    armAgain(entry, timeMs) {
      if (armedAgainMs.get(entry) === timeMs) return;
      armedAgainMs.set(entry, timeMs);
      arm(entry, timeMs);
    },
  };
}
