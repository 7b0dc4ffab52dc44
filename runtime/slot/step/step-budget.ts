import type { InvocationTime } from "../image/invocation-time.ts";
import type { SlotSettings } from "../../job/job-runtime.ts";
import type { Heap } from "../../ports/index.ts";
import type { StepEffects } from "../program/slot-program.ts";

export interface BudgetOptions {
  readonly settings: Pick<SlotSettings, "stepMaxWrites" | "stepMaxSent" | "stepMaxBytes">;
  readonly effects: StepEffects;
  readonly time: InvocationTime;
  readonly heap: Heap;
  /** Elements and timers that it takes at most, whatever time and memory are left: for a run that is to end where another did. */
  readonly takenMax?: number | undefined;
}

/** The heap is looked at each time that so many were taken, */
const heapStride = 32;
/** and above this share of its limit, garbage included, the next step is to find out first what of it is alive. */
const heapMaxShare = 0.8;

/**
 * What one step may take up (protocol 3.2): outputs, bytes, memory and time. A step always takes one element or timer; between any
 * two of them it may end, and what is left is for the next one.
 */
export class StepBudget {
  taken = 0;
  /** Of the records that were taken whole. */
  bytes = 0;
  readonly #options: BudgetOptions;
  /** Half of what is left when the step begins: the other half is for its commit and its delivery. */
  readonly #endMs: number;
  #isOver = false;
  #nextHeapLook = heapStride;
  #letters = 0;
  #letterBytes = 0;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#endMs = options.time.remainingMs() / 2;
  }

  isSpent(): boolean {
    if (this.taken === 0) return false;
    const { settings, effects, takenMax } = this.#options;
    return (
      effects.writeCount >= settings.stepMaxWrites ||
      effects.blocks.elementCount >= settings.stepMaxSent ||
      effects.lineLength >= settings.stepMaxBytes ||
      this.bytes >= settings.stepMaxBytes ||
      this.taken === takenMax ||
      this.#lettersAreMany() ||
      (takenMax === undefined && (this.#heapIsFull() || this.#timeIsOver()))
    );
  }

  #lettersAreMany(): boolean {
    const { settings, effects } = this.#options;
    const { deadLetters } = effects;
    for (; this.#letters < deadLetters.length; this.#letters++)
      this.#letterBytes += JSON.stringify(deadLetters[this.#letters]).length;
    return (
      deadLetters.length >= settings.stepMaxWrites || this.#letterBytes >= settings.stepMaxBytes
    );
  }

  #heapIsFull(): boolean {
    if (this.taken < this.#nextHeapLook) return false;
    this.#nextHeapLook = this.taken + heapStride;
    const { usedBytes, limitBytes } = this.#options.heap.measure();
    return usedBytes > heapMaxShare * limitBytes;
  }

  /** Looks each time: the slow ones may come after many that were not, and of a look that comes too late the slot would never hear. */
  #timeIsOver(): boolean {
    if (this.#endMs !== Number.POSITIVE_INFINITY)
      this.#isOver ||= this.#options.time.remainingMs() <= this.#endMs;
    return this.#isOver;
  }
}
