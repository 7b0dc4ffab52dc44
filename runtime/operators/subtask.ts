import type { Change } from "../graph/change.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { Stage } from "../plan/plan.ts";
import { BroadcastStore } from "../state/broadcast-store.ts";
import type { KeyRecord } from "../state/key-record.ts";
import type { StateEntry } from "../state/state-entry.ts";
import { type DueTimer, TimerQueue } from "../state/timer-queue.ts";
import { ExpiryQueue } from "../state/expiry-queue.ts";
import { HeapState } from "../state/heap-state.ts";
import type { KeyLocator, StateBackend } from "../state/state-backend.ts";
import type { KeyedOperator, KeyedRuntime, Push } from "./contract.ts";

/** A timer may set itself again so often behind the final watermark: enough for whoever looks whether it is time yet. */
export const setAgainMax = 1_000;

/**
 * Called before each timer fires, so that a failure can be told from others; answers false to pass it over, and "stop" to leave
 * it for the next step with those behind it.
 */
export type TimerGate = (subtask: Subtask, timer: DueTimer) => boolean | "stop";

/** One stage on one slot: its keyed state, timers and watermark (docs/architecture.md). */
export class Subtask implements KeyedRuntime {
  readonly stage: Stage;
  readonly state: StateBackend;
  readonly broadcast: BroadcastStore;
  readonly eventTimers = new TimerQueue();
  readonly processingTimers = new TimerQueue();
  readonly expiries = { event: new ExpiryQueue(), processing: new ExpiryQueue() };
  watermarkMs = Number.NEGATIVE_INFINITY;
  /** Watermarks of slots that were taken over from, for keys that were theirs, and the highest of them. */
  floorOf: (record: KeyRecord) => number = () => Number.NEGATIVE_INFINITY;
  floorMaxMs = Number.NEGATIVE_INFINITY;
  idle = false;
  /** Event timers that the watermark has released are left. */
  firing = false;
  nowMs = 0;
  isOver = false;
  /** What the stage is fed with goes here, by its inputs. */
  inputs: readonly Push[] = [];
  #current: KeyRecord | undefined;
  /** Event time of the element or timer in hand; -Infinity where it has none. */
  #inHandMs = Number.NEGATIVE_INFINITY;
  /** The last watermark that has fired all of its timers: one that jumps must not hide state from those that it releases. */
  #firedMs = Number.NEGATIVE_INFINITY;
  readonly #operatorOfCell: Omit<KeyedOperator, "push">[] = [];
  /** How often timers have set themselves again behind the final watermark. */
  readonly #setAgain = new Map<StateEntry, number>();

  constructor(stage: Stage, locate: KeyLocator) {
    this.stage = stage;
    this.state = new HeapState(stage.id, locate);
    this.broadcast = new BroadcastStore(stage.id);
  }

  get current(): KeyRecord {
    if (this.#current === undefined)
      throw new Error(`Stage ${this.stage.id} has no element in hand.`);
    return this.#current;
  }

  /** Undefined where a broadcast element is in hand. */
  get currentKey(): KeyValue | undefined {
    return this.#current?.key;
  }

  get lateBehindMs(): number {
    if (this.watermarkMs >= this.floorMaxMs) return this.watermarkMs;
    return Math.max(this.watermarkMs, this.floorOf(this.current));
  }

  get expiryMs(): number {
    return Math.max(this.#inHandMs, this.#firedMs);
  }

  /** Removes expired state, at the end of a step: `entriesMax` entries of each kind of time are looked at. */
  expire(entriesMax: number): void {
    this.expiries.processing.sweep(this.state, this.nowMs, entriesMax);
    this.expiries.event.sweep(this.state, this.#firedMs, entriesMax);
  }

  /** Gives the timers of the states `firstCell` up to now to an operator. */
  own(firstCell: number, operator: Omit<KeyedOperator, "push">): void {
    for (let cell = firstCell; cell < this.state.cellNames().length; cell++)
      this.#operatorOfCell[cell] = operator;
  }

  /** Feeds one element under its key, by one of the stage's inputs. */
  take(
    key: KeyValue,
    value: unknown,
    timestampMs: number,
    change: Change,
    before?: unknown,
    input = 0,
  ): void {
    this.takeAt(this.state.record(key), value, timestampMs, change, before, input);
  }

  takeAt(
    record: KeyRecord,
    value: unknown,
    timestampMs: number,
    change: Change,
    before?: unknown,
    input = 0,
  ): void {
    const outer = this.#current;
    const outerMs = this.#inHandMs;
    this.#current = record;
    this.#inHandMs = timestampMs;
    (this.inputs[input] as Push)(value, timestampMs, change, before);
    this.#current = outer;
    this.#inHandMs = outerMs;
  }

  /** Feeds an element that goes to every slot, and has no key here. */
  takeBroadcast(
    value: unknown,
    timestampMs: number,
    change: Change,
    before: unknown,
    input: number,
  ): void {
    this.#current = undefined;
    (this.inputs[input] as Push)(value, timestampMs, change, before);
  }

  /** Raises the watermark, then fires what is due by it: in the order of time. */
  advance(watermarkMs: number, gate: TimerGate): void {
    if (watermarkMs <= this.watermarkMs) return;
    this.watermarkMs = watermarkMs;
    this.resume(gate);
  }

  /** Fires what is left of the timers that the watermark has released. */
  resume(gate: TimerGate): void {
    this.firing = !this.#fire(this.eventTimers, this.watermarkMs, gate);
    this.#noteFired();
  }

  /** Fires the processing-time timers that are due at `nowMs`. */
  fireProcessing(gate: TimerGate): void {
    this.isOver = this.watermarkMs === Number.POSITIVE_INFINITY;
    this.#fire(this.processingTimers, this.nowMs, gate);
    this.isOver = false;
  }

  /** Fires event timers that were set behind the final watermark: no other follows that would release them. */
  fireBehindEnd(gate: TimerGate): void {
    if (this.watermarkMs !== Number.POSITIVE_INFINITY) return;
    this.isOver = true;
    this.resume(gate);
    this.isOver = false;
  }

  /** Whether a timer of event time keeps setting itself again at the end of the input, where all of time has passed. */
  isEndless({ record, cell, mapKey }: DueTimer): boolean {
    if (this.#setAgain.size === 0) return false;
    const entry = this.state.findMapEntry(record, cell, mapKey);
    return entry !== undefined && (this.#setAgain.get(entry) ?? 0) >= setAgainMax;
  }

  /** How many elements a timer stands for that fires for one after the other. */
  leftOf(timer: DueTimer): number | undefined {
    return this.#operatorOfCell[timer.cell]?.left?.(timer);
  }

  /** When the first processing-time timer is due; +Infinity where there is none. */
  firstProcessingMs(): number {
    return this.processingTimers.firstMs;
  }

  /** Takes over how far a commit has come. */
  adopt({ watermarkMs, idle, firing }: Pick<Subtask, "watermarkMs" | "idle" | "firing">): void {
    this.watermarkMs = watermarkMs;
    this.idle = idle;
    this.firing = firing;
    this.#firedMs = Number.NEGATIVE_INFINITY;
    this.#noteFired();
  }

  /** Back to the last commit. */
  undo(watermarkMs: number, idle: boolean, firing = false): void {
    this.#current = undefined;
    this.#inHandMs = Number.NEGATIVE_INFINITY;
    this.isOver = false;
    this.#setAgain.clear();
    this.adopt({ watermarkMs, idle, firing });
    this.state.undo();
    this.broadcast.undo();
  }

  /** The end of the input is no time: what is kept then stays. */
  #noteFired(): void {
    if (!this.firing && this.watermarkMs !== Number.POSITIVE_INFINITY)
      this.#firedMs = this.watermarkMs;
  }

  /** Answers whether all have fired that are due. */
  #fire(timers: TimerQueue, untilMs: number, gate: TimerGate): boolean {
    const isEnd = untilMs === Number.POSITIVE_INFINITY;
    for (
      let timer = timers.first;
      timer !== undefined && timer.timeMs <= untilMs;
      timer = timers.first
    ) {
      const answer = gate(this, timer);
      if (answer === "stop") return false;
      timers.pop();
      this.#current = timer.record;
      if (timers === this.eventTimers) this.#inHandMs = timer.timeMs;
      const operator = this.#operatorOfCell[timer.cell];
      if (answer) operator?.onTimer(timer);
      else operator?.passOver(timer);
      this.#current = undefined;
      this.#inHandMs = Number.NEGATIVE_INFINITY;
      const { entry } = timer;
      // One that fires for what is left of its elements comes to an end by itself.
      if (isEnd && entry.timer !== undefined && operator?.left?.(timer) === undefined)
        this.#setAgain.set(entry, (this.#setAgain.get(entry) ?? 0) + 1);
    }
    return true;
  }
}
