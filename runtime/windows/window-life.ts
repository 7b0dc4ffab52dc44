import type { TimeWindow } from "../graph/functions.ts";
import { windowOfName } from "../graph/window-name.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import { type KeptWindow, type WindowEntry, windowOf } from "./kept-window.ts";
import type { Trigger } from "./triggers/trigger.ts";
import { type ResultParts, windowResults } from "./window-results.ts";

export interface LifeParts extends ResultParts {
  readonly trigger: Trigger;
}

/** What a window waits for. One that was loaded has yet to be looked at. */
const toFire = "fire";
const toCleanUp = "clean-up";

/** Whether a window has something to say that it hasn't said. */
function hasNews({ fired, failed, pending }: KeptWindow): boolean {
  return pending === true || (!fired && failed !== true);
}

/**
 * The life of a window of the key in hand: it fires when its trigger says so, and its state goes when the allowed
 * lateness is over (Flink: WindowOperator). It waits for one of the two at a time.
 */
export function windowLife(parts: LifeParts) {
  const { runtime, contents, lateness, trigger } = parts;
  const { fire, withdraw, remember } = windowResults(parts);

  function clear(entry: WindowEntry): void {
    contents.clear?.(entry.value.accumulator);
    entry.remove();
  }

  function dueMs(window: TimeWindow, kept: KeptWindow): number {
    return hasNews(kept) ? trigger.dueMs(window, kept) : Number.POSITIVE_INFINITY;
  }

  /** Waits for what comes next: its result, or the end of the lateness, which may be over. */
  function wait(entry: WindowEntry, window: TimeWindow): void {
    const fireMs = dueMs(window, entry.value);
    const cleanUpMs = lateness.cleanupMs(window.endMs);
    if (fireMs !== Number.POSITIVE_INFINITY) runtime.eventTimers.arm(entry, fireMs, toFire);
    else if (cleanUpMs > runtime.watermarkMs) runtime.eventTimers.arm(entry, cleanUpMs, toCleanUp);
    else clear(entry);
  }

  return {
    remember,
    withdraw,
    /** Its state isn't decoded for it: what it began as ends no later than what it is. */
    onLoad(entry: WindowEntry): void {
      runtime.eventTimers.arm(entry, trigger.earliestMs(windowOfName(entry.mapKey)));
    },
    /** The window has got an element. */
    added(entry: WindowEntry, window: TimeWindow, timestampMs: number): void {
      const kept = entry.value;
      const fires = trigger.onElement(window, kept, timestampMs);
      // By its timer where it failed before: should it fail again, then that is no fault of the element.
      if (fires && kept.failed !== true) fire(window, kept);
      else if (kept.fired || kept.failed === true) kept.pending = true;
      else if (entry.timer !== undefined) return;
      wait(entry, window);
    },
    /** Nothing is left in the window: its result is withdrawn, and its state goes. */
    empty(entry: WindowEntry, window: TimeWindow): void {
      const kept = entry.value;
      if (kept.fired) withdraw(window, kept);
      clear(entry);
    },
    /**
     * A timer of the window came due. One that was armed early waits on, though the watermark may have passed the end: windows
     * fire in the order of their ends.
     */
    onTimer(entry: WindowEntry, { timeMs, purpose }: DueTimer): void {
      if (purpose === toCleanUp) return clear(entry);
      const window = windowOf(entry);
      const kept = entry.value;
      if (dueMs(window, kept) <= timeMs) fire(window, kept);
      wait(entry, window);
    },
    /** protocol 8.1: the result fails for good. The window keeps what it holds, as if it had fired. */
    passOver(entry: WindowEntry): void {
      const kept = entry.value;
      kept.failed = true;
      delete kept.pending;
      wait(entry, windowOf(entry));
    },
  };
}
