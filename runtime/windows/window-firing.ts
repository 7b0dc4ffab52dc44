import type { Change } from "../graph/change.ts";
import type { TimeWindow } from "../graph/functions.ts";
import type { KeyedRuntime } from "../operators/contract.ts";
import type { StateEntry } from "../state/state-entry.ts";
import type { Lateness } from "./lateness.ts";
import type { WindowContents } from "./window-contents.ts";
import { windowTimers } from "./window-timers.ts";

/** What is kept of a window, under its start. */
export interface KeptWindow {
  accumulator: unknown;
  /** Whether it has given a result that stands. */
  fired: boolean;
  /**
   * It took an element since it fired, without firing again: where slots merged, the watermark is that of the slower one,
   * and may be below windows that the other has fired.
   */
  pending?: true;
}

interface FiringParts {
  readonly runtime: KeyedRuntime;
  readonly contents: WindowContents;
  readonly lateness: Lateness;
}

/**
 * The life of a window of the key in hand: it fires when the watermark reaches its last timestamp, again for every
 * late element, and its state goes when the allowed lateness is over (Flink: EventTimeTrigger, WindowOperator).
 */
export function windowFiring({ runtime, contents, lateness }: FiringParts) {
  const timers = windowTimers(runtime);

  function emit(window: TimeWindow, kept: KeptWindow, change: Change): void {
    const { watermarkMs, current } = runtime;
    const livesOn = change === "delete" || lateness.cleanupMs(window.endMs) > watermarkMs;
    contents.emit(kept.accumulator, { key: current.key, window, watermarkMs, change }, livesOn);
  }

  function fire(window: TimeWindow, kept: KeptWindow): void {
    const change = kept.fired ? "replace" : "insert";
    kept.fired = true;
    delete kept.pending;
    emit(window, kept, change);
  }

  function isPast(endMs: number): boolean {
    return endMs - 1 <= runtime.watermarkMs;
  }

  return {
    timers,
    isPast,
    /** The window has got an element: it fires where the watermark has passed it, and otherwise when that does. */
    settleAdded(window: TimeWindow, kept: KeptWindow): void {
      if (isPast(window.endMs)) fire(window, kept);
      else if (kept.fired) kept.pending = true;
    },
    /** Withdraws the result that the window gave. */
    withdraw(window: TimeWindow, kept: KeptWindow): void {
      kept.fired = false;
      emit(window, kept, "delete");
    },
    /** When a window that has just got an element is to be looked at next. */
    nextMs(endMs: number): number {
      return isPast(endMs) ? lateness.cleanupMs(endMs) : endMs - 1;
    },
    /**
     * A timer of the window came due. An early one waits for the end, though the watermark may have passed it: windows
     * fire in the order of their ends. Then the window fires, and at last its state goes.
     */
    settle(entry: StateEntry, endMs: number, timeMs: number): void {
      if (timeMs < endMs - 1) return timers.armAgain(entry, endMs - 1);
      const kept = entry.value as KeptWindow;
      if (!kept.fired || kept.pending === true)
        fire({ startMs: entry.mapKey as number, endMs }, kept);
      const cleanupMs = lateness.cleanupMs(endMs);
      if (cleanupMs > runtime.watermarkMs) return timers.armAgain(entry, cleanupMs);
      contents.clear(kept.accumulator);
      entry.remove();
    },
  };
}
