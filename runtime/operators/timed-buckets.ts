import type { CellName, MapEntry } from "../state/keyed-state.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import type { KeyedRuntime } from "./contract.ts";

/** What is kept of a time: the elements of it, in the order in which they came. */
export interface Bucket {
  readonly values: unknown[];
}

interface BucketOptions {
  readonly cell: CellName;
  /** When the bucket of a time is due; +Infinity: never. */
  readonly dueMs: (timestampMs: number) => number;
}

/** Elements of the key in hand by their times, each time with a timer for when it is due. */
export function timedBuckets<B extends Bucket>(
  runtime: KeyedRuntime,
  { cell: name, dueMs }: BucketOptions,
) {
  const { state } = runtime;
  const cell = state.declareMap<number, B>(name, { onLoad: arm });

  function arm(entry: MapEntry<number, B>): void {
    runtime.eventTimers.arm(entry, dueMs(entry.mapKey));
  }

  return {
    cell,
    owns: (timer: DueTimer): boolean => (timer.cell as number) === cell,
    /** Answers the bucket that the element is in. */
    add(timestampMs: number, value: unknown): B {
      const entry = state.mapEntry(runtime.current, cell, timestampMs);
      if (!entry.exists) {
        entry.value = { values: [] as unknown[] } as B;
        arm(entry);
      }
      entry.value.values.push(value);
      return entry.value;
    },
    /** What a timer stands for. Found in the state, it is looked at when the step ends. */
    of: ({ record, entry }: DueTimer): MapEntry<number, B> | undefined =>
      state.findMapEntry(record, cell, entry.mapKey as number),
    /** The timer fires again, in the same moment, for what is left of a bucket; without anything the bucket goes. */
    keep(entry: MapEntry<number, B>, left: number): void {
      if (left > 0) arm(entry);
      else entry.remove();
    },
  };
}
