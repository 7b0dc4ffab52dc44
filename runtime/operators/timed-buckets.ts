import type { CellName, MapEntry } from "../state/keyed-state.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import { type KeyedRuntime, passOnOfElement } from "./contract.ts";

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

  const of = ({ record, entry }: DueTimer): MapEntry<number, B> | undefined =>
    state.findMapEntry(record, cell, entry.mapKey as number);

  function keep(entry: MapEntry<number, B>, left: number): void {
    if (left > 0) arm(entry);
    else entry.remove();
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
    of,
    /** The timer fires again, in the same moment, for what is left of a bucket; without anything the bucket goes. */
    keep,
    /** How many elements of a time are left. */
    left: (timer: DueTimer): number => of(timer)?.value.values.length ?? 0,
    /** Takes the next element of a bucket out, and hands it on; without `give` it is passed over. */
    takeNext(entry: MapEntry<number, B>, give?: (value: unknown) => void): void {
      const { values } = entry.value;
      const value = values.shift();
      keep(entry, values.length);
      try {
        give?.(value);
      } catch (thrown) {
        passOnOfElement(thrown, value);
      }
    },
  };
}
