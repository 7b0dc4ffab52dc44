import type { TimeWindow } from "../graph/functions.ts";
import { windowName, windowOfName } from "../graph/window-name.ts";
import type { KeyedRuntime } from "../operators/contract.ts";
import { timersName } from "../plan/state-names.ts";
import type { MapEntry } from "../state/keyed-state.ts";
import { timerKey, timerOfKey } from "../state/timer-name.ts";
import type { DueTimer } from "../state/timer-queue.ts";

export type TimeDomain = "event" | "processing";

/** A timer of a window. */
export interface WindowTimer {
  readonly domain: TimeDomain;
  /** What the window was when it was set. */
  readonly window: TimeWindow;
  readonly timeMs: number;
}

/** So often a window may set a timer of event time from one that fires, behind the end of the input: all of time has passed. */
const behindEndMax = 1_000;

/**
 * Timers of windows of the key in hand: any number for a window, each known by its domain and time (Flink: InternalTimerService). An entry for
 * each holds how many firings behind the end of the input have led to it.
 */
export function windowTimers(uid: string, runtime: KeyedRuntime) {
  const { state } = runtime;
  const cell = state.declareMap<string, number>({ uid, name: timersName }, { onLoad: arm });
  /** That of the timer which fires. */
  let depth = 0;

  function arm(entry: MapEntry<string, number>): void {
    const { domain, id } = timerOfKey(entry.mapKey);
    const queue = domain === "event" ? runtime.eventTimers : runtime.processingTimers;
    queue.arm(entry, Number(id));
  }

  function deeper(domain: TimeDomain): number {
    if (domain === "processing" || runtime.watermarkMs !== Number.POSITIVE_INFINITY) return 0;
    if (depth < behindEndMax) return depth + 1;
    throw new Error(
      `A trigger has set timers ${behindEndMax} times behind the end of its input, one from the other.`,
    );
  }

  return {
    set({ domain, window, timeMs }: WindowTimer): void {
      if (!Number.isSafeInteger(timeMs))
        throw new RangeError(
          `A trigger sets a timer to ${String(timeMs)}: a time is a whole number of milliseconds since 1970.`,
        );
      // protocol 4.8: behind the end of its input a stage waits for no new ones.
      if (runtime.isOver && domain === "processing") return;
      const entry = state.mapEntry(runtime.current, cell, keyOf({ domain, window, timeMs }));
      if (entry.exists) return;
      entry.value = deeper(domain);
      arm(entry);
    },
    clear(timer: WindowTimer): void {
      state.findMapEntry(runtime.current, cell, keyOf(timer))?.remove();
    },
    /** Which timer is due; its setting is taken away. */
    take({ mapKey, timeMs }: DueTimer): WindowTimer {
      const { domain, name } = timerOfKey(mapKey);
      const entry = state.findMapEntry(runtime.current, cell, mapKey);
      depth = entry?.value ?? 0;
      entry?.remove();
      return { domain, window: windowOfName(name), timeMs };
    },
    /** No timer fires any more: an element has come. */
    leave(): void {
      depth = 0;
    },
  };
}

function keyOf({ domain, window, timeMs }: WindowTimer): string {
  return timerKey({ domain, name: windowName(window), id: String(timeMs) });
}
