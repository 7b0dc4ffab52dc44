import type { CoProcessDefinition, ProcessDefinition, ReduceFunction } from "../graph/functions.ts";
import type { Duration } from "../graph/duration.ts";
import type { JoinType } from "../graph/interval-join.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { MetricDeclarations } from "../graph/metric-declarations.ts";
import type { OutputTag } from "../graph/output-tag.ts";
import type { PatternOf } from "../graph/pattern.ts";
import type {
  BroadcastDeclarations,
  StateDeclarations,
  StateVersion,
} from "../graph/state-declarations.ts";
import type { StateTtl } from "../graph/state-ttl.ts";
import type { WindowAssigner } from "../graph/window-assigner.ts";
import type { WindowEvictor } from "../graph/window-evictor.ts";
import type { WindowTrigger } from "../graph/window-trigger.ts";
import type { BroadcastConnectedStream, BroadcastStream } from "./broadcast-stream.ts";
import type { DataStream, ResultStream } from "./data-stream.ts";
import type { ElementType } from "./element-type.ts";
import type { IntervalJoinedStreams, IntervalJoinOptions } from "./interval-join.ts";
import type { RollingAggregates } from "./rolling.ts";
import type { JoinedStreams, MultiJoinedStreams, MultiJoinOptions } from "./multi-join.ts";
import type { TemporalJoinedStreams, TemporalJoinOptions } from "./temporal-join.ts";
import type { PatternOptions, PatternStream } from "./pattern-stream.ts";
import type {
  CoGroupedStreams,
  CoGroupOptions,
  WindowJoinedStreams,
  WindowJoinOptions,
} from "./window-join.ts";
import type { WindowedStream } from "./windowed-stream.ts";

/** What `countWindow` takes: `version` and `migrate` are those of the elements that are kept. */
export interface CountWindowOptions<T> extends OperatorOptions, StateVersion<T> {
  /** How many elements a result is of. */
  readonly size: number;
  /** A result with every so many elements, of the last `size` of them: the first ones are of fewer. Default: `size`. */
  readonly slide?: number;
}

export interface OperatorOptions {
  /** Stable name: state is found under it. 1 to 128 characters of `A-Z a-z 0-9 . _ -`, unique in the job. */
  readonly uid: string;
  /** Uids that it had in earlier versions of the job: their state is restored into it. Default: none. */
  readonly previousUids?: readonly string[];
}

/** `version` and `migrate` are those of the value that is kept per key. */
export interface ReduceOptions<T> extends OperatorOptions, StateVersion<T> {
  /**
   * Takes a value out of what was accumulated; may change `accumulated` in place and must return the result. Required where the input has
   * results that are replaced or withdrawn (docs/changes.md). Where nothing is left of a key its result is withdrawn.
   */
  readonly retract?: ReduceFunction<T>;
  /** How long the value of a key lives behind its last element: the one after that begins anew, with a new result. Default: for ever. */
  readonly ttl?: StateTtl;
}

/**
 * `version` and `migrate` are those of the elements that `reduce` and `process` keep; `aggregate` takes its accumulator's
 * itself.
 */
export interface WindowOptions<T, G extends StateDeclarations = {}>
  extends OperatorOptions, StateVersion<T> {
  /** When windows give results. Default: at their end, and then with every late element; global windows never. */
  readonly trigger?: WindowTrigger<T>;
  /**
   * State that the window's functions keep of a key, for all of its windows, in `ctx.globalState`: `{ last: valueState<number>() }`. It is never cleared
   * by itself. Flink's `globalState` of a ProcessWindowFunction. Default: none.
   */
  readonly globalState?: G;
  /** Which elements stay when a window gives a result. All elements are kept then, also for `aggregate` and `reduce`. Default: all stay. */
  readonly evictor?: WindowEvictor<T>;
  /**
   * What a result has to do with the one before of the same window, where a trigger or late elements make it give several. "accumulating": it takes
   * its place. "retracting": the same, and the one before goes with it (docs/changes.md). "discarding": each result is of the elements since the last
   * one, and all of them stand. These are Beam's three modes. Default: "accumulating", and "discarding" where the trigger purges.
   */
  readonly accumulation?: "accumulating" | "retracting" | "discarding";
  /** How long after its end, in event time, a window still takes elements and fires again. Default: not at all. */
  readonly allowedLateness?: Duration;
  /** Side output for what comes too late for all of its windows. Default: it is counted and dropped. */
  readonly lateOutput?: OutputTag<T>;
}

/** What `process` takes: the functions of an operator, and the type of its results. */
export interface ProcessOptions<
  T,
  K extends KeyValue,
  S extends StateDeclarations,
  N extends string,
  O,
  M extends MetricDeclarations = {},
> extends ProcessDefinition<T, K, S, N, O, M> {
  /** Type of what `ctx.emit` takes: `elementType<Result>()`. Without it the operator can emit to side outputs only. */
  readonly emits?: ElementType<O>;
}

/** What `process` of connected streams takes. */
export interface CoProcessOptions<
  T,
  U,
  K extends KeyValue,
  S extends StateDeclarations,
  N extends string,
  O,
  M extends MetricDeclarations = {},
> extends CoProcessDefinition<T, U, K, S, N, O, M> {
  /** Type of what `ctx.emit` takes: `elementType<Result>()`. Without it the operator can emit to side outputs only. */
  readonly emits?: ElementType<O>;
}

/** Two keyed streams whose elements meet under their keys. */
export interface ConnectedStreams<T, U, K extends KeyValue> {
  /**
   * An operator of your own with a function for each stream; both share state and timers of their key. Its watermark is the lower one of
   * the two streams that are not idle. Elements of the two come in no particular order between them. Flink's KeyedCoProcessFunction.
   */
  process<
    S extends StateDeclarations = {},
    N extends string = never,
    O = never,
    M extends MetricDeclarations = {},
  >(
    definition: CoProcessOptions<T, U, K, S, N, O, M>,
  ): ResultStream<O>;
}

/** A stream in which the elements of each key are together. */
export interface KeyedStream<T, K extends KeyValue> extends DataStream<T>, RollingAggregates<T> {
  /** An operator of your own: state per key, named timers, side outputs. */
  process<
    S extends StateDeclarations = {},
    N extends string = never,
    O = never,
    M extends MetricDeclarations = {},
  >(
    definition: ProcessOptions<T, K, S, N, O, M>,
  ): ResultStream<O>;

  /**
   * Brings this stream together with another one that is keyed by keys of the same type: elements of both under one key meet in one operator. Flink's
   * `connect` of keyed streams.
   */
  connect<U>(other: KeyedStream<U, K>): ConnectedStreams<T, U, K>;
  /** Brings it together with what goes to every slot. Flink's `connect` with a BroadcastStream. */
  connect<U, B extends BroadcastDeclarations>(
    other: BroadcastStream<U, B>,
  ): BroadcastConnectedStream<T, U, K, B>;

  /**
   * Joins this stream with another one that is keyed by keys of the same type: each element with those of the other whose times are `between` two
   * bounds of its own. Both are kept for as long as partners may come. Flink's `intervalJoin`, with outer joins.
   * @example orders.intervalJoin(payments, { uid: "paid", between: [{}, { hours: 1 }] }).apply((order, payment) => ({ ...order, ...payment }))
   * @throws MillraceError `duration-invalid`, `join-bounds-invalid`, `join-without-watermarks`
   */
  intervalJoin<U, const J extends JoinType = "inner">(
    other: KeyedStream<U, K>,
    options: IntervalJoinOptions<T, U, J>,
  ): IntervalJoinedStreams<T, U, K, J>;

  /**
   * Joins this stream with another one that is keyed by keys of the same type: each element with those of the other that are in one window with it.
   * Flink's `join` of streams, with outer joins.
   * @example impressions.windowJoin(clicks, { uid: "clicked", window: tumblingWindows({ size: { hours: 1 } }) }).apply((shown, click) => ({ ...shown, ...click }))
   * @throws MillraceError `duration-invalid`, `lateness-invalid`, `window-without-watermarks`
   */
  windowJoin<U, const J extends JoinType = "inner">(
    other: KeyedStream<U, K>,
    options: WindowJoinOptions<T, U, J>,
  ): WindowJoinedStreams<T, U, K, J>;

  /**
   * Brings the elements of both streams that are in one window together, as two lists of which one may be empty. Flink's `coGroup`.
   * @throws MillraceError `duration-invalid`, `lateness-invalid`, `window-without-watermarks`
   */
  coGroup<U, G extends StateDeclarations = {}>(
    other: KeyedStream<U, K>,
    options: CoGroupOptions<T, U, G>,
  ): CoGroupedStreams<T, U, K, G>;

  /**
   * Joins each element with what another stream, keyed by keys of the same type, said last up to its time: an order with the rate of its currency when
   * it was placed, whichever came first. Results come once the watermark has reached their time. Flink's temporal join, `FOR SYSTEM_TIME AS OF`.
   * @example orders.temporalJoin(rates, { uid: "rated" }).apply((order, rate) => ({ ...order, euros: order.amount * rate.euros }))
   * @throws MillraceError `join-without-watermarks`
   */
  temporalJoin<V, const J extends "inner" | "left" = "inner">(
    versions: KeyedStream<V, K>,
    options: TemporalJoinOptions<T, V, J>,
  ): TemporalJoinedStreams<T, V, K, J>;

  /**
   * Joins the rows that this stream and others have for each key, whenever they come. Each is kept once, however many streams there are. Results change
   * with the rows that they are of. Flink SQL's regular joins on one key.
   * @example orders.multiJoin({ payment: { stream: payments, type: "left" }, parcel: { stream: parcels, type: "left" } }, { uid: "orders" }).apply((order, { payment, parcel }) => …)
   * @throws MillraceError `join-inputs-invalid`
   */
  multiJoin<const W extends JoinedStreams<K>>(
    others: W,
    options: MultiJoinOptions<T>,
  ): MultiJoinedStreams<T, W, K>;

  /**
   * Looks for a pattern in the elements of each key. Patterns are built by `patternsOf` of "millrace/patterns". Flink's `CEP.pattern`.
   * @throws MillraceError `pattern-invalid`, `join-without-watermarks`
   */
  pattern<M>(pattern: PatternOf<T, M>, options: PatternOptions<T, M>): PatternStream<M, K>;

  /**
   * A rolling reduce: emits the new value of its key for every element, in place of the one before. What counts or sums these
   * results takes changes, and must be able to take a value back (docs/changes.md).
   */
  reduce(reduce: ReduceFunction<T>, options: ReduceOptions<T>): ResultStream<T>;

  /**
   * Groups the elements of each key by event time.
   * @throws MillraceError `duration-invalid`, `lateness-invalid`
   */
  window<A extends WindowAssigner<T>, G extends StateDeclarations = {}>(
    assigner: A,
    options: WindowOptions<T, G>,
  ): WindowedStream<T, K, A["kind"], G>;

  /**
   * Groups the elements of each key by their number, in the order in which they come. What is left at the end gives no result. Flink's `countWindow`.
   * @throws MillraceError `window-invalid` unless size and slide are whole numbers from 1.
   */
  countWindow(options: CountWindowOptions<T>): WindowedStream<T, K, "global">;
}
