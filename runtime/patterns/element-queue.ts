import { queueName } from "../plan/state-names.ts";
import { failIn, type KeyedRuntime, passOnOfElement } from "../operators/contract.ts";
import { type Bucket, timedBuckets } from "../operators/timed-buckets.ts";
import type { DueTimer } from "../state/timer-queue.ts";

type Comparator = (left: unknown, right: unknown) => number;

interface Waiting {
  readonly uid: string;
  /** Order of elements of one time; absent: that of their arrival. */
  readonly comparator: Comparator | undefined;
}

/** Elements wait until the watermark has reached their time: then those before them are all there. */
export function elementQueue(runtime: KeyedRuntime, { uid, comparator }: Waiting) {
  const buckets = timedBuckets(runtime, {
    cell: { uid, name: queueName },
    dueMs: (timestampMs) => timestampMs,
  });
  /** Their elements stand in the comparator's order. */
  const ordered = new WeakSet<Bucket>();

  /** @throws what the comparator does, with an element that it throws on */
  function order(bucket: Bucket): void {
    if (comparator === undefined || ordered.has(bucket)) return;
    const { values } = bucket;
    try {
      values.sort(comparator);
    } catch (thrown) {
      const at = culpritOf(values, comparator);
      const value = values[at];
      // Passed over it is the first.
      values.unshift(...values.splice(at, 1));
      try {
        failIn(uid, thrown);
      } catch (failure) {
        passOnOfElement(failure, value);
      }
    }
    ordered.add(bucket);
  }

  return {
    owns: buckets.owns,
    add: buckets.add,
    left: buckets.left,
    /** Hands on the next element of a time, and takes it out. */
    next(timer: DueTimer, take: (value: unknown) => void): void {
      const entry = buckets.of(timer);
      if (entry === undefined) return;
      order(entry.value);
      buckets.takeNext(entry, take);
    },
    /** Takes the next element out, or the one that keeps the others from being ordered. */
    passOver(timer: DueTimer): void {
      const entry = buckets.of(timer);
      if (entry === undefined) return;
      try {
        order(entry.value);
      } catch {
        // It is the first now.
      }
      buckets.takeNext(entry);
    },
  };
}

/** The first element that can't be compared with itself, or else the first of all. */
function culpritOf(values: readonly unknown[], comparator: Comparator): number {
  const at = values.findIndex((value) => {
    try {
      comparator(value, value);
      return false;
    } catch {
      return true;
    }
  });
  return Math.max(0, at);
}
