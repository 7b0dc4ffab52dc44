import type { Change, ChangelogMode } from "./change.ts";
import type { KeyValue } from "./key-value.ts";
import type { MetricDeclarations, MetricHandles } from "./metric-declarations.ts";
import type { OutputTag } from "./output-tag.ts";
import type { GetResource, JobContext, UsesResources } from "./resource.ts";
import type { StateDeclarations, StateHandles, StateVersion } from "./state-declarations.ts";

/**
 * What a function may answer whose answer nobody looks at: anything but a promise or a generator, which would mean that something
 * has to be waited for or run.
 */
export type NoResult = void | undefined | null | boolean | number | bigint | string;

/**
 * Beside a function's type: refuses one whose results are promises, or may be. Operators run to their end without waiting. What is
 * typed `any` (the first test) is found at the first call.
 */
export type WithoutWaiting<R> = 0 extends 1 & R
  ? unknown
  : [Extract<R, PromiseLike<unknown> | AsyncIterable<unknown>>] extends [never]
    ? unknown
    : { readonly "nothing waits for a promise: use mapAsync": never };

/**
 * Folds values into an accumulator. `add` and `merge` may change the accumulator in place and must return it. `version` and
 * `migrate` are the accumulator's.
 */
export interface AggregateFunction<T, A, R> extends StateVersion<A> {
  readonly create: () => A;
  readonly add: (accumulator: A, value: T) => A;
  readonly result: (accumulator: A) => R;
  /**
   * Takes out what `add` put in; may change the accumulator in place and must return it. Required where the input has results that
   * are replaced or withdrawn (docs/changes.md), refused by the planner otherwise.
   */
  readonly retract?: (accumulator: A, value: T) => A;
  /** Joins two accumulators into one; required for session windows. */
  readonly merge?: (left: A, right: A) => A;
}

/** Must be associative; may change `accumulated` in place and must return the result. */
export type ReduceFunction<T> = (accumulated: T, value: T) => T;

/** A window [startMs, endMs). Its results carry the timestamp `endMs - 1`. */
export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

export interface WindowContext<K extends KeyValue, G extends StateDeclarations = {}> {
  readonly key: K;
  readonly window: TimeWindow;
  /** Watermark of the operator: -Infinity before the first one. */
  readonly watermarkMs: number;
  /** The processing time of this batch. */
  readonly nowMs: number;
  /** State of the key, which all of its windows share: what the window's `globalState` declares. */
  readonly globalState: StateHandles<G>;
  /** "insert" at the first firing of the window, "replace" at later ones, "delete" when the result is withdrawn. */
  readonly change: Change;
}

export type WindowResultFunction<R, K extends KeyValue, O, G extends StateDeclarations = {}> = (
  result: R,
  context: WindowContext<K, G>,
) => O;
/** Sees all elements of a window, in order of arrival. Returns its results. */
export type WindowProcessFunction<T, K extends KeyValue, O, G extends StateDeclarations = {}> = (
  elements: readonly T[],
  context: WindowContext<K, G>,
) => readonly O[];

export interface TimerHandle {
  /**
   * Sets the timer, in place of an earlier setting of the same name and key, to milliseconds since 1970; fractions are rounded up. A time that has passed already is due at once in
   * processing time, and with the next watermark in event time. Behind the end of the input a timer of processing time that fires sets
   * no other one: the job would never end. A timer of event time that sets itself again there 1,000 times becomes a dead letter.
   */
  set(timeMs: number): void;
  clear(): void;
  /** When it is due; undefined where it isn't set. */
  readonly timeMs: number | undefined;
}

/**
 * The timers of a key. One of a name without an id is set at most once; with ids there are as many as there are ids, for example one for
 * each order of a customer. Those that are due at one time fire in the order of their names, then of their ids.
 */
export interface TimerService<N extends string> {
  /** Fires once the watermark has reached its time. */
  event(name: N, id?: string): TimerHandle;
  /** Fires once the processing time has reached its time; those that are due when a batch begins fire before its elements. */
  processing(name: N, id?: string): TimerHandle;
}

export interface ProcessContext<
  K extends KeyValue,
  S extends StateDeclarations,
  N extends string,
  O,
  T = unknown,
  M extends MetricDeclarations = {},
> {
  readonly key: K;
  /** Event time of the element, or the time of the timer, in milliseconds since 1970. */
  readonly timestampMs: number;
  /** What the element means: always "insert" unless the function `accepts` changes. */
  readonly change: Change;
  /** The value that the element replaces, where `change` is "replace" and the function `accepts` "retract"; undefined otherwise. */
  readonly before: T | undefined;
  readonly watermarkMs: number;
  /** The processing time of this batch: the only clock that a process function may use. */
  readonly nowMs: number;
  readonly state: StateHandles<S>;
  readonly timers: TimerService<N>;
  /** Those that the definition declares (docs/metrics.md). */
  readonly metrics: MetricHandles<M>;
  /** Where the function runs. */
  readonly job: JobContext;
  /** Gives a resource that the definition names. @throws MillraceError `resource-undeclared` */
  readonly resource: GetResource;
  /** Id of the timer that fires; undefined for an element, and where the timer was set without one. */
  readonly timerId: string | undefined;
  /**
   * Emits a result with the time of the element or of the event timer. A timer of processing time has no event time: its results
   * get the watermark, -8.64e15 before the first and 8.64e15 behind the last one.
   */
  emit(value: O): void;
  /**
   * Withdraws the result that stands under the identity of this one: a sink of rows removes the row of its key, whatever else the value holds.
   * The operator has to say `gives: "upsert"`.
   */
  delete(value: O): void;
  /** Emits to a side output. */
  output<V>(tag: OutputTag<V>, value: V): void;
}

export interface ProcessDefinition<
  T,
  K extends KeyValue,
  S extends StateDeclarations,
  N extends string,
  O,
  M extends MetricDeclarations = {},
> extends UsesResources {
  /** Stable name of the operator: its state is found under it. */
  readonly uid: string;
  /** Uids that it had in earlier versions of the job: their state is restored into it. Default: none. */
  readonly previousUids?: readonly string[];
  readonly state?: S;
  /** What it counts and measures, at most 20 by name (docs/metrics.md). No part of its state: one can come and go with any version. Default: nothing. */
  readonly metrics?: M;
  /**
   * Which changes it takes (docs/changes.md). "append": every element is new, and a job that would feed it anything else is refused. "upsert":
   * a replacement means the same whether or not it knows what it replaces, as a put into a map does; the key must not move with it.
   * "retract": `ctx.before` is the value that is replaced, and the key may move. Both tell by `ctx.change`. Default: "append".
   */
  readonly accepts?: ChangelogMode;
  /**
   * What its results are (docs/changes.md). "append": each is new. "upsert": each takes the place of the one that has its identity, the key of
   * its row, and `ctx.delete` withdraws one. What would have to know the value before is refused behind it. Default: "append".
   */
  readonly gives?: "append" | "upsert";
  /** The side outputs that it has; what is emitted to another tag fails, and who reads one is refused. Default: any. */
  readonly outputs?: readonly OutputTag<unknown>[];
  readonly onElement: (value: T, context: ProcessContext<K, S, N, O, T, M>) => NoResult;
  readonly onTimer?: {
    readonly [Name in N]: (context: ProcessContext<K, S, N, O, unknown, M>) => NoResult;
  };
}

/** As a {@link ProcessDefinition}, with a function for each of two inputs: they share key, state and timers. */
export interface CoProcessDefinition<
  T,
  U,
  K extends KeyValue,
  S extends StateDeclarations,
  N extends string,
  O,
  M extends MetricDeclarations = {},
> extends Omit<ProcessDefinition<T, K, S, N, O, M>, "onElement"> {
  /** Takes an element of the first input. */
  readonly onElement1: (value: T, context: ProcessContext<K, S, N, O, T, M>) => NoResult;
  /** Takes an element of the second input. */
  readonly onElement2: (value: U, context: ProcessContext<K, S, N, O, U, M>) => NoResult;
}
