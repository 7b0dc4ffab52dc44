import type { Change } from "../graph/change.ts";
import type { TimeWindow } from "../graph/functions.ts";
import { type OperatorParts, passOnOfWindow } from "../operators/contract.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import type { WindowContents } from "./contents/window-contents.ts";
import type { KeptWindow } from "./kept-window.ts";
import type { Lateness } from "./lateness.ts";

export interface ResultParts extends OperatorParts {
  readonly contents: WindowContents;
  readonly lateness: Lateness;
}

/** Gives results of windows of the key in hand to those behind, in the changelog mode that the plan has inferred. */
export function windowResults({ runtime, output, gives, contents, lateness }: ResultParts) {
  const isRemembered = gives === "retract";

  function resultsOf(window: TimeWindow, kept: KeptWindow, change: Change): readonly unknown[] {
    const { watermarkMs, current } = runtime;
    const { startMs, endMs } = window;
    const livesOn = change === "delete" || lateness.cleanupMs(endMs) > watermarkMs;
    const context = { key: current.key, window: { startMs, endMs }, watermarkMs, change };
    try {
      return contents.results(kept.accumulator, context, livesOn);
    } catch (thrown) {
      passOnOfWindow(thrown, window);
    }
  }

  function emit(values: readonly unknown[], { endMs }: TimeWindow, change: Change): void {
    for (const value of values) output.emit(value, endMs - 1, change);
  }

  /** Gives results in place of those that stand, which those behind take back. */
  function replace(kept: KeptWindow, window: TimeWindow, values: readonly unknown[]): void {
    const { last = [] } = kept;
    kept.last = copyInPassing(values);
    if (last.length === 1 && values.length === 1)
      return output.emit(values[0], window.endMs - 1, "replace", last[0]);
    emit(last, window, "delete");
    emit(values, window, "insert");
  }

  return {
    fire(window: TimeWindow, kept: KeptWindow): void {
      const change = kept.fired ? "replace" : "insert";
      kept.fired = true;
      // To take out what is not there takes longer than to look.
      if (kept.pending !== undefined) delete kept.pending;
      if (kept.failed !== undefined) delete kept.failed;
      const values = resultsOf(window, kept, change);
      if (isRemembered) replace(kept, window, values);
      else emit(values, window, change);
    },
    /** Withdraws what the window gave: as it was, where that is remembered. */
    withdraw(window: TimeWindow, kept: KeptWindow): void {
      kept.fired = false;
      emit(kept.last ?? resultsOf(window, kept, "delete"), window, "delete");
      delete kept.last;
    },
    /** Before a window changes that fired under a plan for which nobody had to know what it gave. */
    remember(window: TimeWindow, kept: KeptWindow): void {
      if (!isRemembered || !kept.fired || kept.last !== undefined) return;
      kept.last = resultsOf(window, kept, "insert");
    },
  };
}
