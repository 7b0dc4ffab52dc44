import type { AggregateFunction, ReduceFunction } from "./functions.ts";
import type { KeyValue } from "./key-value.ts";
import type { MayExpire } from "./state-ttl.ts";

/** State of one key that a process function declares. Values are whatever MessagePack can hold (see docs/state.md). */
export type StateDeclaration =
  | ValueDeclaration<unknown>
  | ReducingDeclaration<AnyState>
  | AggregatingDeclaration<AnyState, AnyState, AnyState>
  | ListDeclaration<unknown>
  | MapDeclaration<KeyValue, unknown>;

/**
 * Makes what is kept now out of what an older version of the job kept. Called once for each value, with the version that the
 * value was written by: a chain over several versions is in the function. Pure and synchronous; may change `value` in place.
 */
export type MigrateFunction<V> = (value: unknown, fromVersion: number) => V;

/** How a state's values change over the versions of a job (docs/state.md, "Changing state"). */
export interface StateVersion<V> {
  /** Raised by one when the form of the values changes. A whole number from 1. Default: 1. */
  readonly version?: number;
  /** Required to restore what a lower version wrote. */
  readonly migrate?: MigrateFunction<V>;
}

export interface ValueDeclaration<V> extends StateVersion<V>, MayExpire {
  readonly kind: "value";
  readonly value?: V;
}

/** Of any type: functions over it are declared, which take no less than what they were written for. */
// oxlint-disable-next-line typescript/no-explicit-any
type AnyState = any;

export interface ReducingDeclaration<V> extends StateVersion<V>, MayExpire {
  readonly kind: "reducing";
  readonly reduce: ReduceFunction<V>;
}

/** Its version is that of the aggregate: of the accumulator, which is what is kept. */
export interface AggregatingDeclaration<T, A, R> extends StateVersion<A>, MayExpire {
  readonly kind: "aggregating";
  readonly aggregate: Pick<AggregateFunction<T, A, R>, "create" | "add" | "result">;
}

export interface ListDeclaration<V> extends StateVersion<V>, MayExpire {
  readonly kind: "list";
  readonly value?: V;
}

export interface MapDeclaration<K extends KeyValue, V> extends StateVersion<V>, MayExpire {
  readonly kind: "map";
  readonly key?: K;
  readonly value?: V;
}

export type StateDeclarations = Readonly<Record<string, StateDeclaration>>;

/** State that a broadcast stream fills: maps, of which each slot has a copy of its own. */
export type BroadcastDeclarations = Readonly<Record<string, MapDeclaration<KeyValue, unknown>>>;

/** One value per key. */
export interface ValueState<V> {
  get(): V | undefined;
  set(value: V): void;
  clear(): void;
}

/** One value per key, which each that is added is reduced with. Flink's ReducingState. */
export interface ReducingState<V> {
  get(): V | undefined;
  add(value: V): void;
  clear(): void;
}

/** One accumulator per key, and what comes of it; undefined before anything was added. Flink's AggregatingState. */
export interface AggregatingState<T, R> {
  get(): R | undefined;
  add(value: T): void;
  clear(): void;
}

/** A list per key, in the order of its elements. */
export interface ListState<V> {
  get(): readonly V[];
  add(value: V): void;
  set(values: readonly V[]): void;
  clear(): void;
}

/**
 * What a broadcast stream has put, as an element of a key sees it: to be read only. Values are frozen, since all keys of a slot share them.
 * Iteration is by ascending key, as that of a {@link MapState}.
 */
export interface ReadOnlyBroadcastState<K extends KeyValue, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  entries(): IterableIterator<readonly [K, V]>;
  isEmpty(): boolean;
}

/** The same for who fills it. What is set is kept as a copy; to change a value, set another one. */
export interface BroadcastState<K extends KeyValue, V> extends ReadOnlyBroadcastState<K, V> {
  set(key: K, value: V): void;
  delete(key: K): void;
  clear(): void;
}

/**
 * A map per key. Iteration is by ascending key, whatever the order of setting: booleans, numbers, bigints, texts by their UTF-16
 * units, then tuples and records by their bytes. What is set while iterating is not visited.
 */
export interface MapState<K extends KeyValue, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  set(key: K, value: V): void;
  delete(key: K): void;
  entries(): IterableIterator<readonly [K, V]>;
  isEmpty(): boolean;
  clear(): void;
}

/** The handle that a declaration gives in `ctx.state`. */
export type StateHandle<D> = D extends { readonly kind: "value" }
  ? D extends ValueDeclaration<infer V>
    ? ValueState<V>
    : never
  : D extends { readonly kind: "reducing" }
    ? D extends ReducingDeclaration<infer V>
      ? ReducingState<V>
      : never
    : D extends { readonly kind: "aggregating" }
      ? D extends AggregatingDeclaration<infer T, infer _A, infer R>
        ? AggregatingState<T, R>
        : never
      : D extends { readonly kind: "list" }
        ? D extends ListDeclaration<infer V>
          ? ListState<V>
          : never
        : D extends MapDeclaration<infer K, infer V>
          ? MapState<K, V>
          : never;

export type StateHandles<S extends StateDeclarations> = {
  readonly [Name in keyof S]: StateHandle<S[Name]>;
};

export type BroadcastHandles<B extends BroadcastDeclarations> = {
  readonly [Name in keyof B]: B[Name] extends MapDeclaration<infer K, infer V>
    ? BroadcastState<K, V>
    : never;
};

export type ReadOnlyBroadcastHandles<B extends BroadcastDeclarations> = {
  readonly [Name in keyof B]: B[Name] extends MapDeclaration<infer K, infer V>
    ? ReadOnlyBroadcastState<K, V>
    : never;
};
