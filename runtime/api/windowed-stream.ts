import type {
  AggregateFunction,
  ReduceFunction,
  WindowProcessFunction,
  WindowResultFunction,
  WithoutWaiting,
} from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { StateDeclarations } from "../graph/state-declarations.ts";
import type { WindowAssigner } from "../graph/window-assigner.ts";
import type { ResultStream } from "./data-stream.ts";

/** Sessions grow together, so their aggregates must as well. */
export type MergeFor<Kind extends WindowAssigner["kind"], A> = Kind extends
  | "session"
  | "dynamic-session"
  ? { readonly merge: (left: A, right: A) => A }
  : unknown;

/** Windows of a keyed stream, before it is said what to make of them. Results carry the timestamp `endMs - 1`. */
export interface WindowedStream<
  T,
  K extends KeyValue,
  Kind extends WindowAssigner["kind"] = WindowAssigner["kind"],
  G extends StateDeclarations = {},
> {
  /** Keeps one accumulator per window: the least state. Session windows require `merge`. `result` sees key and window. */
  aggregate<A, R>(
    aggregate: AggregateFunction<T, A, R> &
      MergeFor<Kind, A> &
      WithoutWaiting<A> &
      WithoutWaiting<R>,
  ): ResultStream<R>;
  aggregate<A, R, O>(
    aggregate: AggregateFunction<T, A, R> &
      MergeFor<Kind, A> &
      WithoutWaiting<A> &
      WithoutWaiting<R>,
    result: WindowResultFunction<R, K, O, G> & WithoutWaiting<O>,
  ): ResultStream<O>;

  /** Keeps one element per window. `reduce` must be associative. */
  reduce(reduce: ReduceFunction<T>): ResultStream<T>;
  reduce<O>(
    reduce: ReduceFunction<T>,
    result: WindowResultFunction<T, K, O, G> & WithoutWaiting<O>,
  ): ResultStream<O>;

  /** Keeps all elements of a window until it ends: the most state. */
  process<O>(process: WindowProcessFunction<T, K, O, G> & WithoutWaiting<O>): ResultStream<O>;
}
