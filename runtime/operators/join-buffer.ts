import type { CellName, MapEntry } from "../state/keyed-state.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import type { KeyedRuntime } from "./contract.ts";

/** What is kept of a time: the elements of it, in the order in which they came. */
export interface KeptBucket {
  values: unknown[];
  /** Which of them have met no partner yet; absent: none, or nobody asks. */
  unmatched?: number[];
}

export type BucketEntry = MapEntry<number, KeptBucket>;

export interface BufferOptions {
  readonly cell: CellName;
  /** How much later than an element its partners may be; what is later by less than nothing goes with the element's own time. */
  readonly upperMs: number;
  /** Elements that never meet a partner are asked for. */
  readonly isOuter: boolean;
}

/** Elements of one input of a join that partners may still come for, by time. Flink keeps them so, and clears them as late. */
export function joinBuffer(runtime: KeyedRuntime, { cell: name, upperMs, isOuter }: BufferOptions) {
  const { state } = runtime;
  const cell = state.declareMap<number, KeptBucket>(name, { onLoad: arm });

  function arm(entry: BucketEntry): void {
    const clearMs = entry.mapKey + Math.max(0, upperMs);
    const isSafe = clearMs <= Number.MAX_SAFE_INTEGER;
    runtime.eventTimers.arm(entry, isSafe ? clearMs : Number.POSITIVE_INFINITY);
  }

  return {
    cell,
    /** Takes out what a timer stands for. */
    take({ record, entry }: DueTimer): KeptBucket & { readonly timestampMs: number } {
      const timestampMs = entry.mapKey as number;
      // Found in the state, it is looked at when the step ends.
      const found = state.findMapEntry(record, cell, timestampMs);
      const kept = found?.value ?? { values: [] };
      found?.remove();
      return { ...kept, timestampMs };
    },
    add(timestampMs: number, value: unknown, isMatched: boolean): void {
      const entry = state.mapEntry(runtime.current, cell, timestampMs);
      if (!entry.exists) {
        entry.value = { values: [] };
        arm(entry);
      }
      const kept = entry.value;
      kept.values.push(value);
      if (isOuter && !isMatched) (kept.unmatched ??= []).push(kept.values.length - 1);
    },
    /** Those of times from `fromMs` to `toMs`, both inclusive, by time. */
    within: (fromMs: number, toMs: number): readonly BucketEntry[] =>
      state.orderedMapEntries(
        runtime.current,
        cell,
        (timestampMs) => fromMs <= timestampMs && timestampMs <= toMs,
      ),
  };
}
