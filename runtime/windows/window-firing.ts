import type { Change } from "../graph/change.ts";
import type { TimeWindow } from "../graph/functions.ts";
import { type KeyedRuntime, passOnOfWindow } from "../operators/contract.ts";
import type { StateEntry } from "../state/state-entry.ts";
import type { Lateness } from "./lateness.ts";
import type { WindowContents } from "./window-contents.ts";

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
  /** Its last result failed for good and is a dead letter. It lives on, and gives one again at the watermark behind its next element. */
  failed?: true;
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
  function emit(window: TimeWindow, kept: KeptWindow, change: Change): void {
    const { watermarkMs, current } = runtime;
    const livesOn = change === "delete" || lateness.cleanupMs(window.endMs) > watermarkMs;
    try {
      contents.emit(kept.accumulator, { key: current.key, window, watermarkMs, change }, livesOn);
    } catch (thrown) {
      passOnOfWindow(thrown, window);
    }
  }

  function fire(window: TimeWindow, kept: KeptWindow): void {
    const change = kept.fired ? "replace" : "insert";
    kept.fired = true;
    delete kept.pending;
    delete kept.failed;
    emit(window, kept, change);
  }

  function isPast(endMs: number): boolean {
    return endMs - 1 <= runtime.watermarkMs;
  }

  function arm(entry: StateEntry, timeMs: number): void {
    runtime.eventTimers.arm(entry, timeMs);
  }

  /** The window has fired: its state goes, at once or when the allowed lateness is over. */
  function retire(entry: StateEntry, endMs: number): void {
    const cleanupMs = lateness.cleanupMs(endMs);
    if (cleanupMs > runtime.watermarkMs) return arm(entry, cleanupMs);
    contents.clear((entry.value as KeptWindow).accumulator);
    entry.remove();
  }

  return {
    arm,
    /** The window has got an element: it fires where the watermark has passed it, and otherwise when that does. */
    settleAdded(entry: StateEntry, window: TimeWindow): void {
      const kept = entry.value as KeptWindow;
      if (kept.failed === true) {
        // By a timer: should it fail again, then that is no fault of the element.
        kept.pending = true;
        arm(entry, window.endMs - 1);
      } else if (isPast(window.endMs)) fire(window, kept);
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
      if (timeMs < endMs - 1) return arm(entry, endMs - 1);
      const kept = entry.value as KeptWindow;
      const isNew = !kept.fired && kept.failed !== true;
      if (isNew || kept.pending === true) fire({ startMs: entry.mapKey as number, endMs }, kept);
      retire(entry, endMs);
    },
    /** protocol 8.1: the result fails for good. The window keeps what it holds, as if it had fired. */
    passOver(entry: StateEntry, endMs: number): void {
      const kept = entry.value as KeptWindow;
      kept.failed = true;
      delete kept.pending;
      retire(entry, endMs);
    },
  };
}
