import type { Change } from "../graph/change.ts";
import type { TimeWindow } from "../graph/functions.ts";
import type { WindowContents } from "./contents/window-contents.ts";
import type { KeptWindow, WindowEntry } from "./kept-window.ts";
import type { WindowLife } from "./window-life.ts";

/** An element as it comes to a window. */
export interface Added {
  readonly value: unknown;
  readonly timestampMs: number;
  readonly change: Change;
  readonly before: unknown;
}

interface IntakeParts {
  readonly contents: WindowContents;
  readonly life: WindowLife;
  /** Windows may become others than they began as, and keep what they are. */
  readonly merge: boolean;
  /** Elements may be withdrawn: a window has to know when none is left. */
  readonly counts: boolean;
}

/** Puts elements into windows of the key in hand. */
export function windowIntake({ contents, life, merge, counts }: IntakeParts) {
  function begin(entry: WindowEntry, window: TimeWindow, added: Added): void {
    const { value, timestampMs, change } = added;
    // What would be withdrawn never came, or was late.
    if (change === "delete") return;
    const { startMs, endMs } = window;
    const accumulator = contents.first(entry.mapKey, value, timestampMs);
    // One by one, in the order in which they are written: to spread what may be missing takes longer than all the rest.
    const kept: KeptWindow = { accumulator, fired: false };
    if (merge) {
      kept.startMs = startMs;
      kept.endMs = endMs;
    }
    if (counts) kept.count = 1;
    entry.value = kept;
    life.added(entry, window, added);
  }

  /** Takes out what an element withdraws or replaces; answers false where nothing is left then, nor comes. */
  function takeOut(kept: KeptWindow, { value, change, before }: Added): boolean {
    const count = kept.count ?? 1;
    kept.count = count + (change === "insert" ? 1 : change === "delete" ? -1 : 0);
    if (kept.count === 0) return false;
    if (change !== "insert")
      kept.accumulator = contents.retract(kept.accumulator, change === "delete" ? value : before);
    return true;
  }

  function add(name: string, kept: KeptWindow, { value, timestampMs }: Added): void {
    kept.accumulator =
      kept.purged === true
        ? contents.first(name, value, timestampMs)
        : contents.add(kept.accumulator, value, timestampMs);
    // To take out what is not there takes longer than to look.
    if (kept.purged === true) delete kept.purged;
  }

  return (entry: WindowEntry, window: TimeWindow, added: Added): void => {
    if (!entry.exists) return begin(entry, window, added);
    const kept = entry.value;
    life.remember(window, kept);
    if (counts && !takeOut(kept, added)) return life.empty(entry, window);
    if (added.change !== "delete") add(entry.mapKey, kept, added);
    life.added(entry, window, added);
  };
}
