import type { KeyValue } from "../graph/key-value.ts";
import type { KeyRecord } from "./key-record.ts";
import type { MapCell } from "./keyed-state.ts";
import type { StateEntry } from "./state-entry.ts";

/** A due time of an entry of state. It may be early: the operator looks at the entry when it fires. */
export interface DueTimer {
  readonly timeMs: number;
  readonly record: KeyRecord;
  /** State of the subtask whose entry stands for the timer. */
  readonly cell: MapCell<string, unknown>;
  /** Which of the entries of that state, as a text: the name of a window, or of a timer, or a time. */
  readonly mapKey: string;
  readonly entry: StateEntry;
  /** What it was armed for; absent where the entry has to be asked: it was loaded, or has timers for one purpose only. */
  readonly purpose?: string | undefined;
}

/** A timer while it is armed: its entry knows it, so that it goes with the entry. */
export class ArmedTimer implements DueTimer {
  timeMs: number;
  purpose: string | undefined;
  readonly entry: StateEntry;
  /** Place in the heap of its queue. */
  at = 0;
  readonly #queue: TimerQueue;

  constructor(queue: TimerQueue, entry: StateEntry, due: Pick<DueTimer, "timeMs" | "purpose">) {
    this.#queue = queue;
    this.entry = entry;
    this.timeMs = due.timeMs;
    this.purpose = due.purpose;
  }

  get record(): KeyRecord {
    return this.entry.record;
  }

  get cell(): DueTimer["cell"] {
    return this.entry.cell as DueTimer["cell"];
  }

  get mapKey(): string {
    return String(this.entry.mapKey);
  }

  disarm(): void {
    this.#queue.remove(this);
  }
}

/**
 * Due times by time. Those of one key that are due at one time have an order of their own, so that it does not matter which of them
 * were loaded and which were set. An indexed binary heap: a timer that is moved or disarmed leaves nothing behind.
 */
export class TimerQueue {
  readonly #heap: ArmedTimer[] = [];

  /** Time of the first timer, +Infinity where there is none. */
  get firstMs(): number {
    return this.#heap[0]?.timeMs ?? Number.POSITIVE_INFINITY;
  }

  get first(): ArmedTimer | undefined {
    return this.#heap[0];
  }

  get size(): number {
    return this.#heap.length;
  }

  /** All that are armed, in no order. */
  all(): readonly DueTimer[] {
    return this.#heap;
  }

  /** Arms the timer of an entry, or moves it; a time that never comes is none. */
  arm(entry: StateEntry, timeMs: number, purpose?: string): void {
    const armed = entry.timer;
    if (timeMs === Number.POSITIVE_INFINITY) return armed?.disarm();
    if (armed === undefined) {
      entry.timer = new ArmedTimer(this, entry, { timeMs, purpose });
      this.#heap.push(entry.timer);
      this.#rise(entry.timer, this.#heap.length - 1);
      return;
    }
    armed.purpose = purpose;
    if (armed.timeMs === timeMs) return;
    armed.timeMs = timeMs;
    this.#settle(armed, armed.at);
  }

  /** Takes the first timer out. */
  pop(): DueTimer | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  remove(timer: ArmedTimer): void {
    timer.entry.timer = undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== timer) this.#settle(last, timer.at);
  }

  /** Finds the place of a timer whose time changed, or that fills a gap, from a place in the heap on. */
  #settle(timer: ArmedTimer, at: number): void {
    const parent = this.#heap[(at - 1) >> 1];
    if (at > 0 && isBefore(timer, parent as ArmedTimer)) this.#rise(timer, at);
    else this.#sink(timer, at);
  }

  #rise(timer: ArmedTimer, from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent] as ArmedTimer;
      if (!isBefore(timer, above)) break;
      this.#put(above, at);
      at = parent;
    }
    this.#put(timer, at);
  }

  #sink(timer: ArmedTimer, from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as ArmedTimer)) child += 1;
      const below = heap[child] as ArmedTimer;
      if (!isBefore(below, timer)) break;
      this.#put(below, at);
      at = child;
    }
    this.#put(timer, at);
  }

  #put(timer: ArmedTimer, at: number): void {
    this.#heap[at] = timer;
    timer.at = at;
  }
}

/**
 * By time. Timers of one key due at one time fire operator by operator down the stage, as a watermark passes through it (states are
 * declared from its end upwards), then by name or window.
 */
function isBefore(left: ArmedTimer, right: ArmedTimer): boolean {
  if (left.timeMs !== right.timeMs) return left.timeMs < right.timeMs;
  const [one, other] = [left.entry, right.entry];
  if (one.record !== other.record) return one.record.order < other.record.order;
  if (one.cell !== other.cell) return one.cell > other.cell;
  return (one.mapKey as KeyValue) < (other.mapKey as KeyValue);
}
