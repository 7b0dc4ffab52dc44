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
import type { StateTtl } from "../graph/state-ttl.ts";
import { ttlOf } from "./state-ttl.ts";

/** What every state may be declared with. */
export interface StateOptions<V> extends StateVersion<V> {
  /** How long it lives behind its last use. Default: for ever. */
  readonly ttl?: StateTtl;
}

/**
 * Declares one value per key.
 * @throws MillraceError `state-ttl-invalid`, `duration-invalid`, as all of these
 */
export function valueState<V>(options: StateOptions<V> = {}): ValueDeclaration<V> {
  return Object.freeze({ kind: "value", ...versionOf(options), ...ttlOf(options) });
}

/** Declares one value per key that each added one is reduced with. `reduce` may change `accumulated` in place and must return the result. */
export function reducingState<V>(
  reduce: ReduceFunction<V> & WithoutWaiting<V>,
  options: StateOptions<V> = {},
): ReducingDeclaration<V> {
  return Object.freeze({ kind: "reducing", reduce, ...versionOf(options), ...ttlOf(options) });
}

/** Declares an accumulator per key. `version`, `migrate` and `ttl` stand beside the aggregate's functions. */
export function aggregatingState<T, A, R>(
  aggregate: Pick<AggregateFunction<T, A, R>, "create" | "add" | "result"> &
    StateOptions<A> &
    WithoutWaiting<A> &
    WithoutWaiting<R>,
): AggregatingDeclaration<T, A, R> {
  return Object.freeze({
    kind: "aggregating",
    aggregate,
    ...versionOf(aggregate),
    ...ttlOf(aggregate),
  });
}

/** Declares a list per key. `version` and `migrate` are those of its elements. */
export function listState<V>(options: StateOptions<V> = {}): ListDeclaration<V> {
  return Object.freeze({ kind: "list", ...versionOf(options), ...ttlOf(options) });
}

/** Declares a map per key, whose entries are read and written one by one. `version` and `migrate` are those of its values. */
export function mapState<K extends KeyValue, V>(
  options: StateOptions<V> = {},
): MapDeclaration<K, V> {
  return Object.freeze({ kind: "map", ...versionOf(options), ...ttlOf(options) });
}

/** The part of some options that says how state changes; nothing where it is absent. */
export function versionOf<V>({ version, migrate }: StateVersion<V>): StateVersion<V> {
  return {
    ...(version !== undefined && { version }),
    ...(migrate !== undefined && { migrate }),
  };
}
