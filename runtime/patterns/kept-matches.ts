import { matchesName } from "../plan/state-names.ts";
import type { MapEntry } from "../state/keyed-state.ts";
import type { KeyedRuntime } from "../operators/contract.ts";
import type { Matcher } from "./matcher.ts";
import { hasAnyBegun, type KeptRuns } from "./run.ts";
import type { SharedBuffer } from "./shared-buffer.ts";

interface Parts {
  readonly uid: string;
  /** Tells this pattern from another one of the same operator. */
  readonly signature: number;
  readonly time: "event" | "processing";
  readonly matcher: Matcher;
  readonly buffer: SharedBuffer;
}

/** The one entry: a map tells when it was loaded, so that its timer can be armed again. */
const only = 0;

/** The runs of each key, with a timer for the first whose time is over. */
export function keptMatches(
  runtime: KeyedRuntime,
  { uid, signature, time, matcher, buffer }: Parts,
) {
  const { state } = runtime;
  const timers = time === "event" ? runtime.eventTimers : runtime.processingTimers;
  const cell = state.declareMap<number, KeptRuns>({ uid, name: matchesName }, { onLoad: arm });

  function arm(entry: MapEntry<number, KeptRuns>): void {
    const { value } = entry;
    const isOwn = value.pattern === signature;
    timers.arm(entry, isOwn ? matcher.firstEndMs(value) : Number.NEGATIVE_INFINITY);
  }

  return {
    /** Those of the key in hand. What an earlier version of the pattern left is dropped: its states are others. */
    load(): KeptRuns {
      const entry = state.findMapEntry(runtime.current, cell, only);
      if (entry?.value.pattern === signature) return entry.value;
      if (entry !== undefined) buffer.clear();
      return { pattern: signature, open: [matcher.first], done: [], nextEvent: 0, nextNode: 0 };
    },
    save(kept: KeptRuns): void {
      if (!hasAnyBegun(kept)) {
        state.findMapEntry(runtime.current, cell, only)?.remove();
        return;
      }
      const entry = state.mapEntry(runtime.current, cell, only);
      entry.value = kept;
      arm(entry);
    },
  };
}
