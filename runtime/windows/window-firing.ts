import type { TimeWindow } from "../graph/functions.ts";
import type { MapEntry } from "../state/keyed-state.ts";
import { type KeptWindow, type ResultParts, windowResults } from "./window-results.ts";

/** A window under its start. */
export type WindowEntry = MapEntry<number, KeptWindow>;

/** How long windows of the key in hand live. */
function lifetime({ runtime, contents, lateness }: ResultParts) {
  function isPast(endMs: number): boolean {
    return endMs - 1 <= runtime.watermarkMs;
  }

  function arm(entry: WindowEntry, timeMs: number): void {
    runtime.eventTimers.arm(entry, timeMs);
  }

  function clear(entry: WindowEntry): void {
    contents.clear(entry.value.accumulator);
    entry.remove();
  }

  return {
    isPast,
    arm,
    clear,
    /** When a window that has just got an element is to be looked at next. */
    nextMs: (endMs: number): number => (isPast(endMs) ? lateness.cleanupMs(endMs) : endMs - 1),
    /** The window has fired: its state goes, at once or when the allowed lateness is over. */
    retire(entry: WindowEntry, endMs: number): void {
      const cleanupMs = lateness.cleanupMs(endMs);
      if (cleanupMs > runtime.watermarkMs) arm(entry, cleanupMs);
      else clear(entry);
    },
  };
}

/**
 * The life of a window of the key in hand: it fires when the watermark reaches its last timestamp, again for every
 * late element, and its state goes when the allowed lateness is over (Flink: EventTimeTrigger, WindowOperator).
 */
export function windowFiring(parts: ResultParts) {
  const { fire, withdraw, remember } = windowResults(parts);
  const { isPast, arm, clear, nextMs, retire } = lifetime(parts);

  return {
    arm,
    nextMs,
    withdraw,
    remember,
    /** The window has got an element: it fires where the watermark has passed it, and otherwise when that does. */
    settleAdded(entry: WindowEntry, window: TimeWindow): void {
      const kept = entry.value;
      if (kept.failed === true) {
        // By a timer: should it fail again, then that is no fault of the element.
        kept.pending = true;
        arm(entry, window.endMs - 1);
      } else if (isPast(window.endMs)) fire(window, kept);
      else if (kept.fired) kept.pending = true;
    },
    /** Nothing is left in the window: its result is withdrawn, and its state goes. */
    empty(entry: WindowEntry, window: TimeWindow): void {
      const kept = entry.value;
      if (kept.fired) withdraw(window, kept);
      clear(entry);
    },
    /**
     * A timer of the window came due. An early one waits for the end, though the watermark may have passed it: windows
     * fire in the order of their ends. Then the window fires, and at last its state goes.
     */
    settle(entry: WindowEntry, endMs: number, timeMs: number): void {
      if (timeMs < endMs - 1) return arm(entry, endMs - 1);
      const kept = entry.value;
      const isNew = !kept.fired && kept.failed !== true;
      if (isNew || kept.pending === true) fire({ startMs: entry.mapKey, endMs }, kept);
      retire(entry, endMs);
    },
    /** protocol 8.1: the result fails for good. The window keeps what it holds, as if it had fired. */
    passOver(entry: WindowEntry, endMs: number): void {
      const kept = entry.value;
      kept.failed = true;
      delete kept.pending;
      retire(entry, endMs);
    },
  };
}
