import type { TimeWindow } from "../graph/functions.ts";
import type { KeyedRuntime } from "../operators/contract.ts";
import type { MapCell } from "../state/keyed-state.ts";
import type { WindowContents } from "./contents/window-contents.ts";
import { isSameWindow, type KeptWindow, type WindowEntry } from "./kept-window.ts";
import { type MetWindow, openSessions } from "./open-sessions.ts";
import type { Added } from "./window-intake.ts";
import type { WindowLife } from "./window-life.ts";

interface MergingParts {
  readonly runtime: KeyedRuntime;
  readonly cell: MapCell<string, KeptWindow>;
  readonly contents: WindowContents;
  readonly life: Pick<WindowLife, "remember" | "withdraw" | "merging">;
}

/**
 * Windows of the key in hand that become one where they overlap or touch (Flink: MergingWindowSet); those that are there do neither.
 * What they become is kept under the name of the earliest. In addition to Flink results of windows that a merge swallows are
 * withdrawn with "delete".
 */
export function mergingWindows({ runtime, cell, contents, life }: MergingParts) {
  const sessions = openSessions(runtime, cell);

  /** Withdraws what a window gave, unless it stays the same window. Comes before any merge: that changes accumulators. */
  function withdraw({ entry, window }: MetWindow, merged: TimeWindow): void {
    const kept = entry.value;
    if (kept.fired && !isSameWindow(window, merged)) life.withdraw(window, kept);
    else life.remember(merged, kept);
  }

  /** Of what was purged there is nothing to merge. */
  function unite(kept: KeptWindow, other: KeptWindow): void {
    if (other.purged === true) return;
    kept.accumulator =
      kept.purged === true
        ? other.accumulator
        : contents.merge(kept.accumulator, other.accumulator);
    delete kept.purged;
  }

  return {
    meeting: sessions.meeting,
    became: sessions.became,
    /**
     * Joins windows to one that covers another as well; undefined where there are none. What the trigger noted of the earliest
     * holds: no later one is due before it.
     */
    join(met: readonly MetWindow[], merged: TimeWindow, added: Added): WindowEntry | undefined {
      const entry = met[0]?.entry;
      if (entry === undefined) return undefined;
      const kept = entry.value;
      // One that hasn't fired, and grows, waits as it did: early enough.
      if (kept.fired || kept.failed === true) entry.timer?.disarm();
      for (const each of met) withdraw(each, merged);
      life.merging?.(met, merged, added);
      for (let at = 1; at < met.length; at++) {
        const other = (met[at] as MetWindow).entry;
        unite(kept, other.value);
        other.remove();
      }
      kept.startMs = merged.startMs;
      kept.endMs = merged.endMs;
      return entry;
    },
  };
}

/** What a window and those that it meets become. */
export function hullOf({ startMs, endMs }: TimeWindow, met: readonly MetWindow[]): TimeWindow {
  const first = met[0]?.window ?? { startMs };
  const last = met.at(-1)?.window ?? { endMs };
  return { startMs: Math.min(startMs, first.startMs), endMs: Math.max(endMs, last.endMs) };
}
