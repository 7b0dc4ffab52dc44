import type { KeyValue } from "../graph/key-value.ts";
import type { KeyedState, MapCell, ValueCell } from "./keyed-state.ts";
import { committedUsedMs, type Expiring, usedMsOf } from "./expiring.ts";
import type { StateEntry } from "./state-entry.ts";
import { TimerQueue } from "./timer-queue.ts";

/** A declared state whose entries expire. */
export interface ExpiringCell {
  readonly afterMs: number;
  /** The entry stays for now, though it has expired, for others that are there. */
  readonly isHeld?: (entry: StateEntry, isThere: (other: StateEntry) => boolean) => boolean;
}

/**
 * Entries that expire, by the time at which they do. A use moves nothing: an entry whose time has come is asked when it was used last, and waits on where
 * that is not long enough ago.
 */
export class ExpiryQueue {
  readonly #queue = new TimerQueue();
  readonly #cells = new Map<number, ExpiringCell>();
  /** What has expired by then has been looked for. */
  #sweptMs = Number.NEGATIVE_INFINITY;

  declare(cell: number, expiring: ExpiringCell): void {
    this.#cells.set(cell, expiring);
  }

  get size(): number {
    return this.#queue.size;
  }

  /** For an entry that is new, or was loaded. */
  arm(entry: StateEntry): void {
    this.#queue.arm(entry, this.#dueMs(entry.cell, usedMsOf(entry)));
  }

  /** The entry as it is committed has expired: whoever copies the state leaves it out. */
  isGone(entry: StateEntry): boolean {
    const usedMs = committedUsedMs(entry);
    const isOver = usedMs !== null && this.#dueMs(entry.cell, usedMs) <= this.#sweptMs;
    return isOver && !this.#isHeld(entry, (other) => !this.isGone(other));
  }

  /** Removes what has expired, as a change of the step: `entriesMax` are looked at. */
  sweep(state: KeyedState, nowMs: number, entriesMax: number): void {
    if (!Number.isFinite(nowMs)) return;
    this.#sweptMs = nowMs;
    const over: StateEntry[] = [];
    for (let looked = 0; looked < entriesMax && this.#queue.firstMs <= nowMs; looked++) {
      const { entry } = this.#queue.pop() as { readonly entry: StateEntry };
      const usedMs = usedMsOf(entry);
      if (usedMs === null) (touched(state, entry).value as Expiring)[0] = nowMs;
      const dueMs = this.#dueMs(entry.cell, usedMs ?? nowMs);
      if (dueMs > nowMs) this.#queue.arm(entry, dueMs);
      else if (this.#isHeld(entry)) over.push(entry);
      else touched(state, entry).remove();
    }
    for (const entry of over)
      if (this.#isHeld(entry)) this.#queue.arm(entry, nowMs + 1);
      else touched(state, entry).remove();
  }

  #isHeld(entry: StateEntry, isThere: (other: StateEntry) => boolean = () => true): boolean {
    return this.#cells.get(entry.cell)?.isHeld?.(entry, isThere) === true;
  }

  /** What nobody knows the last use of is due at once: it gets a time then. */
  #dueMs(cell: number, usedMs: number | null): number {
    if (usedMs === null) return Number.NEGATIVE_INFINITY;
    return usedMs + (this.#cells.get(cell)?.afterMs ?? Number.POSITIVE_INFINITY);
  }
}

/** The step looks at the entry when it ends. */
function touched(state: KeyedState, { record, cell, mapKey }: StateEntry): StateEntry {
  return mapKey === undefined
    ? state.valueEntry(record, cell as ValueCell<unknown>)
    : state.mapEntry(record, cell as MapCell<KeyValue, unknown>, mapKey);
}
