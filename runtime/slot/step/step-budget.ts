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

/** Above this share of the heap's limit, garbage included, the next step is to find out first what of it is alive. */
const heapMaxShare = 0.8;
/** The heap is looked at each time that so many were taken. */
const heapStride = 32;
/**
 * As long as less than this share is used the stride doubles, since a look takes longer than many an element: no stride is much longer
 * than all before it together, so what elements of one size leave behind is at most doubled unseen.
 */
const heapLowShare = 0.4;
const heapStrideMax = 1_024;

/**
 * What one step may take up (protocol 3.2): outputs, bytes, memory and time. A step always takes one element or timer; between any
 * two of them it may end, and what is left is for the next one.
 */
export class StepBudget {
  taken = 0;
  /** Of the records that were taken whole. */
  bytes = 0;
  // Asked between any two elements: what it looks at lies at hand.
  readonly #settings: BudgetOptions["settings"];
  readonly #effects: StepEffects;
  readonly #time: InvocationTime;
  readonly #heap: Heap;
  readonly #takenMax: number | undefined;
  /** Half of what is left when the step begins: the other half is for its commit and its delivery. */
  readonly #endMs: number;
  #isOver = false;
  #heapStride = heapStride;
  #nextHeapLook = heapStride;
  #letters = 0;
  #letterBytes = 0;

  constructor({ settings, effects, time, heap, takenMax }: BudgetOptions) {
    this.#settings = settings;
    this.#effects = effects;
    this.#time = time;
    this.#heap = heap;
    this.#takenMax = takenMax;
    // A run that is to end where another did goes by that alone.
    this.#endMs = takenMax === undefined ? time.remainingMs() / 2 : Number.POSITIVE_INFINITY;
  }

  isSpent(): boolean {
    const { taken } = this;
    if (taken === 0) return false;
    const settings = this.#settings;
    const effects = this.#effects;
    return (
      effects.writeCount >= settings.stepMaxWrites ||
      effects.blocks.elementCount >= settings.stepMaxSent ||
      effects.lineLength >= settings.stepMaxBytes ||
      this.bytes >= settings.stepMaxBytes ||
      taken === this.#takenMax ||
      (effects.deadLetters.length > 0 && this.#lettersAreMany()) ||
      (taken >= this.#nextHeapLook && this.#heapIsFull()) ||
      (this.#endMs !== Number.POSITIVE_INFINITY && this.#timeIsOver())
    );
  }

  #lettersAreMany(): boolean {
    const { stepMaxWrites, stepMaxBytes } = this.#settings;
    const { deadLetters } = this.#effects;
    for (; this.#letters < deadLetters.length; this.#letters++)
      this.#letterBytes += JSON.stringify(deadLetters[this.#letters]).length;
    return deadLetters.length >= stepMaxWrites || this.#letterBytes >= stepMaxBytes;
  }

  #heapIsFull(): boolean {
    if (this.#takenMax !== undefined) return false;
    const { usedBytes, limitBytes } = this.#heap.measure();
    const isLow = usedBytes < heapLowShare * limitBytes;
    this.#heapStride = isLow ? Math.min(2 * this.#heapStride, heapStrideMax) : heapStride;
    this.#nextHeapLook = this.taken + this.#heapStride;
    return usedBytes > heapMaxShare * limitBytes;
  }

  /** Looks each time: the slow ones may come after many that were not, and of a look that comes too late the slot would never hear. */
  #timeIsOver(): boolean {
    this.#isOver ||= this.#time.remainingMs() <= this.#endMs;
    return this.#isOver;
  }
}
