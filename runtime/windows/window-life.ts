import type { TimeWindow } from "../graph/functions.ts";
import { windowOfName } from "../graph/window-name.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import { type KeptWindow, type WindowEntry, windowOf } from "./kept-window.ts";
import type { MetWindow } from "./open-sessions.ts";
import type { Trigger } from "./triggers/trigger.ts";
import type { Added } from "./window-intake.ts";
import { type ResultParts, windowResults } from "./window-results.ts";

/** What becomes of a window of the key in hand, from its first element to its end. */
export interface WindowLife {
  /** Its entry was loaded, caught up or undone. */
  readonly onLoad?: (entry: WindowEntry) => void;
  /** Before a window changes that fired under a plan for which nobody had to know what it gave. */
  remember(window: TimeWindow, kept: KeptWindow): void;
  /** Withdraws what the window gave. */
  withdraw(window: TimeWindow, kept: KeptWindow): void;
  /** The window has got an element. */
  added(entry: WindowEntry, window: TimeWindow, added: Added): void;
  /** Windows are about to become one, which is kept in the entry of the first. */
  merging?(met: readonly MetWindow[], merged: TimeWindow, added: Added): void;
  /** Nothing is left in the window: its result is withdrawn, and its state goes. */
  empty(entry: WindowEntry, window: TimeWindow): void;
  onTimer(timer: DueTimer): void;
  /** protocol 8.1: what the timer sets off fails for good. */
  passOver(timer: DueTimer): void;
}

export interface LifeParts extends ResultParts {
  /** The entry that is kept under a name. */
  readonly find: (name: string) => WindowEntry | undefined;
}

/** What a window waits for. One that was loaded has yet to be looked at. */
const toFire = "fire";
const toCleanUp = "clean-up";

/** Whether a window has something to say that it hasn't said. */
function hasNews({ fired, failed, pending }: KeptWindow): boolean {
  return pending === true || (!fired && failed !== true);
}

/**
 * The life of a window whose trigger is data: it fires when its trigger says so, and its state goes when the allowed
 * lateness is over (Flink: WindowOperator). It waits for one of the two at a time.
 */
export function windowLife(parts: LifeParts & { readonly trigger: Trigger }): WindowLife {
  const { runtime, contents, lateness, trigger, find } = parts;
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
    onLoad(entry) {
      runtime.eventTimers.arm(entry, trigger.earliestMs(windowOfName(entry.mapKey)));
    },
    added(entry, window, { timestampMs }) {
      const kept = entry.value;
      const fires = trigger.onElement(window, kept, timestampMs);
      // By its timer where it failed before: should it fail again, then that is no fault of the element.
      if (fires && kept.failed !== true) fire(window, kept);
      else if (kept.fired || kept.failed === true) kept.pending = true;
      else if (entry.timer !== undefined) return;
      wait(entry, window);
    },
    empty(entry, window) {
      const kept = entry.value;
      if (kept.fired) withdraw(window, kept);
      clear(entry);
    },
    /**
     * A timer that was armed early waits on, though the watermark may have passed the end: windows fire in the order of their ends.
     */
    onTimer({ mapKey, timeMs, purpose }) {
      const entry = find(mapKey);
      if (entry === undefined) return;
      if (purpose === toCleanUp) return clear(entry);
      const window = windowOf(entry);
      const kept = entry.value;
      if (dueMs(window, kept) <= timeMs) fire(window, kept);
      wait(entry, window);
    },
    /** The window keeps what it holds, as if it had fired. */
    passOver({ mapKey }) {
      const entry = find(mapKey);
      if (entry === undefined) return;
      const kept = entry.value;
      kept.failed = true;
      delete kept.pending;
      wait(entry, windowOf(entry));
    },
  };
}
