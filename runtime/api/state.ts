import type { AggregateFunction, ReduceFunction, WithoutWaiting } from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type {
  AggregatingDeclaration,
  ListDeclaration,
  MapDeclaration,
  ReducingDeclaration,
  StateVersion,
  ValueDeclaration,
} from "../graph/state-declarations.ts";

/** Declares one value per key. */
export function valueState<V>(version: StateVersion<V> = {}): ValueDeclaration<V> {
  return Object.freeze({ kind: "value", ...versionOf(version) });
}

/** Declares one value per key that each added one is reduced with. `reduce` may change `accumulated` in place and must return the result. */
export function reducingState<V>(
  reduce: ReduceFunction<V> & WithoutWaiting<V>,
  version: StateVersion<V> = {},
): ReducingDeclaration<V> {
  return Object.freeze({ kind: "reducing", reduce, ...versionOf(version) });
}

/** Declares an accumulator per key. `version` and `migrate` of the aggregate are its own. */
export function aggregatingState<T, A, R>(
  aggregate: Pick<AggregateFunction<T, A, R>, "create" | "add" | "result"> &
    StateVersion<A> &
    WithoutWaiting<A> &
    WithoutWaiting<R>,
): AggregatingDeclaration<T, A, R> {
  return Object.freeze({ kind: "aggregating", aggregate, ...versionOf(aggregate) });
}

/** Declares a list per key. `version` and `migrate` are those of its elements. */
export function listState<V>(version: StateVersion<V> = {}): ListDeclaration<V> {
  return Object.freeze({ kind: "list", ...versionOf(version) });
}

/** Declares a map per key, whose entries are read and written one by one. `version` and `migrate` are those of its values. */
export function mapState<K extends KeyValue, V>(
  version: StateVersion<V> = {},
): MapDeclaration<K, V> {
  return Object.freeze({ kind: "map", ...versionOf(version) });
}

/** The part of some options that says how state changes; nothing where it is absent. */
export function versionOf<V>({ version, migrate }: StateVersion<V>): StateVersion<V> {
  return {
    ...(version !== undefined && { version }),
    ...(migrate !== undefined && { migrate }),
  };
}
