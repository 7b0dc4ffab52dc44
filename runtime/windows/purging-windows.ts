import type { TimeWindow } from "../graph/functions.ts";
import type { Accumulation } from "../graph/node.ts";
import type { TriggerResult } from "../graph/window-trigger.ts";
import type { WindowContents } from "./contents/window-contents.ts";
import type { KeptWindow, WindowEntry } from "./kept-window.ts";
import type { TriggerPlace } from "./trigger-in-hand.ts";
import type { windowResults } from "./window-results.ts";

interface PurgingParts {
  readonly contents: WindowContents;
  readonly results: ReturnType<typeof windowResults>;
  readonly accumulation: Accumulation | undefined;
  /** Every result purges. */
  readonly forgets: boolean;
  readonly merge: boolean;
  readonly find: (name: string) => WindowEntry | undefined;
  readonly make: (name: string) => WindowEntry;
}

/** Windows that can forget what they hold: what is kept of one is its elements, what its trigger keeps, or both. */
export function purgingWindows({ contents, results, merge, find, make, ...parts }: PurgingParts) {
  function purge(kept: KeptWindow): void {
    contents.clear?.(kept.accumulator);
    kept.accumulator = null;
    kept.purged = true;
    kept.fired = false;
    delete kept.last;
  }

  return {
    /** Where elements are gone, what the trigger keeps stands alone. */
    placeOf: (name: string): TriggerPlace => ({
      get: () => find(name)?.value.trigger,
      set(value) {
        const entry = value === undefined ? find(name) : make(name);
        if (entry === undefined) return;
        if (!entry.exists) entry.value = { accumulator: null, fired: false, purged: true };
        if (value === undefined) delete entry.value.trigger;
        else entry.value.trigger = value;
      },
    }),
    /** Does what a trigger has answered. One that is passed over goes on as if it had given its result. */
    react(
      result: TriggerResult,
      window: TimeWindow,
      kept: KeptWindow | undefined,
      isPassedOver = false,
    ): void {
      if (kept === undefined || kept.purged === true || result === "continue") return;
      const purges = result !== "fire" || parts.forgets;
      if (result !== "purge" && !isPassedOver) results.fire(window, kept, purges);
      if (purges) purge(kept);
      else if (parts.accumulation === "separate") kept.fired = false;
    },
    /** Nothing is kept of a window of which there is nothing. What sessions have become has to be known until they end. */
    trim(name: string): void {
      const entry = merge ? undefined : find(name);
      if (entry?.value.purged === true && entry.value.trigger === undefined) entry.remove();
    },
    remove(entry: WindowEntry | undefined): void {
      if (entry?.exists !== true) return;
      if (entry.value.purged !== true) contents.clear?.(entry.value.accumulator);
      entry.remove();
    },
  };
}
