import type { TimeWindow } from "./functions.ts";

/** What becomes of a window: it gives its result, forgets its elements, both in this order, or neither (Flink: TriggerResult). */
export type TriggerResult = "continue" | "fire" | "purge" | "fire-and-purge";

/** The timers of one window, each known by its time alone: to set one twice sets it once. */
export interface TriggerTimers {
  setEvent(timeMs: number): void;
  clearEvent(timeMs: number): void;
  setProcessing(timeMs: number): void;
  clearProcessing(timeMs: number): void;
}

/** What a trigger keeps of one window of one key. */
export interface TriggerState<S> {
  /** What was set last; what the trigger's `state` makes where nothing was. */
  get(): S;
  /** Keeps a copy. */
  set(value: S): void;
  clear(): void;
}

export interface TriggerContext<S> {
  readonly window: TimeWindow;
  /** Event time of the element, or the time of the timer, in milliseconds since 1970. */
  readonly timestampMs: number;
  /** Watermark of the operator: -Infinity before the first one. */
  readonly watermarkMs: number;
  /** The processing time of this batch. */
  readonly nowMs: number;
  readonly state: TriggerState<S>;
  readonly timers: TriggerTimers;
}

/** Windows that have become one. `window` is what they are now, and `state` is empty yet. */
export interface TriggerMergeContext<S> extends TriggerContext<S> {
  /** What they were, the earliest first, and what was kept of each. */
  readonly merged: readonly { readonly window: TimeWindow; readonly state: S }[];
}

/**
 * When windows give results, by functions of your own (Flink: Trigger). They must be pure but for `ctx`, and must not change the element. State
 * and timers are those of the window and key in hand.
 */
export interface TriggerDefinition<T, S> {
  /** How messages call it. */
  readonly name: string;
  /**
   * What its state means, in words: windows are not restored where their trigger kept something else. Default: "state of its own", whatever the
   * trigger.
   */
  readonly keeps?: string;
  /** Makes what `ctx.state` holds before anything was set. Default: undefined. */
  readonly state?: () => S;
  /** An element has come into a window, and is in it already. */
  readonly onElement: (value: T, ctx: TriggerContext<S>) => TriggerResult;
  /** The watermark has reached a time that was set. Also called when the window is over. Default: nothing happens. */
  readonly onEventTime?: (ctx: TriggerContext<S>) => TriggerResult;
  /** The same for processing time. */
  readonly onProcessingTime?: (ctx: TriggerContext<S>) => TriggerResult;
  /** Windows have become one: state and timers of the one are to be set from theirs. Sessions take no trigger without it. */
  readonly onMerge?: (ctx: TriggerMergeContext<S>) => void;
  /** The window is over, or has become part of another one: timers that are left are to be cleared. State goes by itself. */
  readonly clear?: (ctx: TriggerContext<S>) => void;
  /** Every result purges: each is of new elements only, and replaces none. Default: false. */
  readonly purges?: boolean;
}

/** Triggers that are data. */
export type PlainTrigger =
  | { readonly kind: "event-time" }
  | { readonly kind: "processing-time" }
  | { readonly kind: "continuous-event-time"; readonly intervalMs: number };

/** When windows give results. Default: at their end, and then with every late element. */
export type WindowTrigger<T = unknown> =
  | PlainTrigger
  // What a trigger keeps is its own affair.
  // oxlint-disable-next-line typescript/no-explicit-any
  | TriggerDefinition<T, any>;
