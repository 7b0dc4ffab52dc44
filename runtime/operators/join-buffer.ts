import type { CellName, MapEntry } from "../state/keyed-state.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import type { KeyedRuntime } from "./contract.ts";
import { type Bucket, timedBuckets } from "./timed-buckets.ts";

/** An element with its time. */
export interface Sided {
  readonly value: unknown;
  readonly timestampMs: number;
}

/** Elements of one time. */
export interface KeptBucket extends Bucket {
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
export function joinBuffer(runtime: KeyedRuntime, { cell, upperMs, isOuter }: BufferOptions) {
  const { state } = runtime;
  const buckets = timedBuckets<KeptBucket>(runtime, {
    cell,
    dueMs(timestampMs) {
      const clearMs = timestampMs + Math.max(0, upperMs);
      return clearMs <= Number.MAX_SAFE_INTEGER ? clearMs : Number.POSITIVE_INFINITY;
    },
  });

  return {
    owns: buckets.owns,
    /** How many elements have still to be given alone, one after the other, when their time is over. */
    left: (timer: DueTimer): number => buckets.of(timer)?.value.unmatched?.length ?? 0,
    /** Takes out the next element that has met no partner, or the bucket where there is none. */
    takeAlone(timer: DueTimer): Sided | undefined {
      const entry = buckets.of(timer);
      if (entry === undefined) return undefined;
      const { values, unmatched = [] } = entry.value;
      const at = unmatched.shift();
      buckets.keep(entry, unmatched.length);
      return at === undefined ? undefined : { value: values[at], timestampMs: entry.mapKey };
    },
    add(timestampMs: number, value: unknown, isMatched: boolean): void {
      const kept = buckets.add(timestampMs, value);
      if (isOuter && !isMatched) (kept.unmatched ??= []).push(kept.values.length - 1);
    },
    /** Those of times from `fromMs` to `toMs`, both inclusive, by time. */
    within: (fromMs: number, toMs: number): readonly BucketEntry[] =>
      state.orderedMapEntries(runtime.current, buckets.cell, { from: fromMs, to: toMs }),
  };
}
