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

/** So often a window may set a timer from one that fires without time going on: to no later one, or behind the end of the input, where all has passed. */
const standingMax = 1_000;

interface Firing extends Pick<WindowTimer, "timeMs"> {
  readonly depth: number;
}

/**
 * Timers of windows of the key in hand: any number for a window, each known by its domain and time (Flink: InternalTimerService). An entry for
 * each holds how many firings have led to it without time going on.
 */
export function windowTimers(uid: string, runtime: KeyedRuntime) {
  const { state } = runtime;
  const cell = state.declareMap<string, number>({ uid, name: timersName }, { onLoad: arm });
  /** The timer that fires. */
  let firing: Firing | undefined;

  function arm(entry: MapEntry<string, number>): void {
    const { domain, id } = timerOfKey(entry.mapKey);
    const queue = domain === "event" ? runtime.eventTimers : runtime.processingTimers;
    queue.arm(entry, Number(id));
  }

  function depthOf({ domain, timeMs }: WindowTimer): number {
    const toMs = domain === "event" ? runtime.watermarkMs : runtime.nowMs;
    if (firing === undefined || timeMs > toMs) return 0;
    const { depth } = firing;
    const isBehindEnd = domain === "event" && toMs === Number.POSITIVE_INFINITY;
    if (!isBehindEnd && timeMs > firing.timeMs) return depth;
    if (depth < standingMax) return depth + 1;
    const place = isBehindEnd ? "behind the end of its input" : "to times that were over";
    throw new Error(`A trigger has set timers ${standingMax} times ${place}, one from the other.`);
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
      entry.value = depthOf({ domain, window, timeMs });
      arm(entry);
    },
    clear(timer: WindowTimer): void {
      state.findMapEntry(runtime.current, cell, keyOf(timer))?.remove();
    },
    /** Which timer is due; its setting is taken away. */
    take({ mapKey, timeMs }: DueTimer): WindowTimer {
      const { domain, name } = timerOfKey(mapKey);
      const entry = state.findMapEntry(runtime.current, cell, mapKey);
      firing = { timeMs, depth: entry?.value ?? 0 };
      entry?.remove();
      return { domain, window: windowOfName(name), timeMs };
    },
    /** No timer fires any more: an element has come. */
    leave(): void {
      firing = undefined;
    },
  };
}

function keyOf({ domain, window, timeMs }: WindowTimer): string {
  return timerKey({ domain, name: windowName(window), id: String(timeMs) });
}
