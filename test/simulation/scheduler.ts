import type { WorldDice } from "./random.ts";

/** Something that runs on its own and may die: an environment, a coordinator. */
export interface SimProcess {
  readonly name: string;
  readonly kind: "environment" | "coordinator" | "operator";
  /** How far its clock is ahead of the world's. */
  readonly skewMs: number;
  /** Nothing of it is resumed any more. */
  isDead: boolean;
  /** It sleeps, with everything that it waits for, until this time. */
  frozenUntilMs: number;
  /** Its own code runs until this time: so long it begins no call. */
  busyUntilMs: number;
}

interface ScheduledEvent {
  atMs: number;
  readonly order: number;
  readonly process: SimProcess | undefined;
  readonly run: () => void;
}

/**
 * Virtual time: a heap of events, each run at its time and followed by everything that became possible through it. Nothing
 * else decides what happens when, so a run is a function of the times that it was given.
 */
export class Scheduler {
  nowMs = 0;
  events = 0;
  /** Of everything that was noted: two runs that did the same have the same. */
  hash = 0x811c9dc5;
  readonly #dice: WorldDice;
  readonly #heap: ScheduledEvent[] = [];
  #order = 0;

  constructor(dice: WorldDice) {
    this.#dice = dice;
  }

  get pending(): number {
    return this.#heap.length;
  }

  /** Runs something at a time; not if its process is dead by then, and later if it sleeps. */
  at(atMs: number, run: () => void, process?: SimProcess): void {
    this.#push({ atMs: Math.max(atMs, this.nowMs), order: this.#order++, process, run });
  }

  /** Runs something after a random time of up to `maxMs`: short ones are the most frequent. */
  soon(maxMs: number, run: () => void, process?: SimProcess): void {
    const fraction = this.#dice.fraction();
    this.at(this.nowMs + maxMs * fraction * fraction, run, process);
  }

  note(text: string): void {
    let { hash } = this;
    for (let at = 0; at < text.length; at++)
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    this.hash = Math.imul(hash ^ Math.round(this.nowMs * 1_000), 0x01000193);
  }

  /** Runs events until there are none, or `isOver` says so. */
  run(isOver: () => boolean): Promise<void> {
    // Microtasks can be drained by hand only outside of a microtask.
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          this.#loop(isOver);
          resolve();
        } catch (thrown) {
          reject(thrown as Error);
        }
      });
    });
  }

  #loop(isOver: () => boolean): void {
    drainMicrotasks();
    while (this.#heap.length > 0 && !isOver()) {
      const event = this.#pop();
      const { process } = event;
      if (process?.isDead === true) continue;
      if (process !== undefined && process.frozenUntilMs > event.atMs) {
        event.atMs = process.frozenUntilMs;
        this.#push(event);
        continue;
      }
      this.nowMs = event.atMs;
      this.events += 1;
      event.run();
      drainMicrotasks();
    }
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent]!;
      if (!isBefore(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): ScheduledEvent {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(left: ScheduledEvent, right: ScheduledEvent): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

/** Runs all microtasks at once: a turn of the event loop for every event would cost more than the event. */
const drainMicrotasks = (process as unknown as { readonly _tickCallback: () => void })
  ._tickCallback;
