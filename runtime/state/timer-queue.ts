import type { KeyRecord } from "./key-record.ts";

/** A due time of an operator for a key. It may be early or void: the operator looks at its state when it fires. */
export interface DueTimer {
  readonly timeMs: number;
  readonly order: number;
  readonly record: KeyRecord;
  /** State of the subtask whose entry stands for the timer. */
  readonly cell: number;
  /** Which of the entries of that state: the start of a window, the name of a timer. */
  readonly mapKey: string | number;
}

/** A binary heap of due times: by time, then in the order in which they were armed. */
export class TimerQueue {
  readonly #heap: DueTimer[] = [];
  #armed = 0;

  /** Time of the first timer, +Infinity where there is none. */
  get firstMs(): number {
    return this.#heap[0]?.timeMs ?? Number.POSITIVE_INFINITY;
  }

  get first(): DueTimer | undefined {
    return this.#heap[0];
  }

  arm(timer: Omit<DueTimer, "order">): void {
    const heap = this.#heap;
    const added: DueTimer = {
      timeMs: timer.timeMs,
      order: this.#armed++,
      record: timer.record,
      cell: timer.cell,
      mapKey: timer.mapKey,
    };
    let at = heap.length;
    heap.push(added);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as DueTimer;
      if (!isBefore(added, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = added;
  }

  pop(): DueTimer | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as DueTimer)) child += 1;
      const below = heap[child] as DueTimer;
      if (!isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(left: DueTimer, right: DueTimer): boolean {
  return left.timeMs < right.timeMs || (left.timeMs === right.timeMs && left.order < right.order);
}
