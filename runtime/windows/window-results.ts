import type { Change } from "../graph/change.ts";
import type { TimeWindow } from "../graph/functions.ts";
import type { StateDeclarations, StateHandles } from "../graph/state-declarations.ts";
import { type OperatorParts, passOnOfWindow } from "../operators/contract.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import type { WindowContents } from "./contents/window-contents.ts";
import type { KeptWindow } from "./kept-window.ts";
import type { Lateness } from "./lateness.ts";

export interface ResultParts extends OperatorParts {
  readonly contents: WindowContents;
  readonly lateness: Lateness;
  /** What functions keep of the key in hand; undefined where they keep nothing. */
  readonly globalState: StateHandles<StateDeclarations> | undefined;
  /** Event time of a window's results. Default: its last timestamp. */
  readonly timeOf?: (window: TimeWindow) => number;
}

/** Gives results of windows of the key in hand to those behind, in the changelog mode that the plan has inferred. */
export function windowResults(parts: ResultParts) {
  const { runtime, output, gives, contents, lateness, timeOf = lastTimestamp } = parts;
  const { globalState = {} } = parts;
  // What evicts, or keeps state, can't give a result a second time.
  const isOnce = contents.evicts === true || parts.globalState !== undefined;
  const isRemembered = gives === "retract" || (gives === "upsert" && isOnce);

  function resultsOf(
    window: TimeWindow,
    kept: KeptWindow,
    change: Change,
    isLast = change !== "delete" && lateness.cleanupMs(window.endMs) <= runtime.watermarkMs,
  ): readonly unknown[] {
    const { watermarkMs, nowMs, current } = runtime;
    const { startMs, endMs } = window;
    const context = {
      key: current.key,
      window: { startMs, endMs },
      watermarkMs,
      nowMs,
      globalState,
      change,
    };
    try {
      return contents.results(kept.accumulator, context, !isLast);
    } catch (thrown) {
      passOnOfWindow(thrown, window);
    }
  }

  function emit(values: readonly unknown[], window: TimeWindow, change: Change): void {
    for (const value of values) output.emit(value, timeOf(window), change);
  }

  /** Gives results in place of those that stand, which those behind take back. */
  function replace(last: readonly unknown[], window: TimeWindow, values: readonly unknown[]): void {
    if (last.length === 1 && values.length === 1)
      return output.emit(values[0], timeOf(window), "replace", last[0]);
    emit(last, window, "delete");
    emit(values, window, "insert");
  }

  return {
    /** `isLast` where what the window holds is not needed any more. Default: where it is over. */
    fire(window: TimeWindow, kept: KeptWindow, isLast?: boolean): void {
      const change = kept.fired ? "replace" : "insert";
      kept.fired = true;
      // To take out what is not there takes longer than to look.
      if (kept.pending !== undefined) delete kept.pending;
      if (kept.failed !== undefined) delete kept.failed;
      const values = resultsOf(window, kept, change, isLast);
      const { last = [] } = kept;
      if (isRemembered) kept.last = copyInPassing(values);
      if (gives === "retract") replace(last, window, values);
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

const lastTimestamp = ({ endMs }: TimeWindow): number => endMs - 1;
