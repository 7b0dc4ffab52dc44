import type { KeyValue } from "./key-value.ts";

/** State of one key that a process function declares. Values are whatever MessagePack can hold (see docs/state.md). */
export type StateDeclaration =
  | ValueDeclaration<unknown>
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

export interface ValueDeclaration<V> extends StateVersion<V> {
  readonly kind: "value";
  readonly value?: V;
}

export interface ListDeclaration<V> extends StateVersion<V> {
  readonly kind: "list";
  readonly value?: V;
}

export interface MapDeclaration<K extends KeyValue, V> extends StateVersion<V> {
  readonly kind: "map";
  readonly key?: K;
  readonly value?: V;
}

export type StateDeclarations = Readonly<Record<string, StateDeclaration>>;

/** One value per key. */
export interface ValueState<V> {
  get(): V | undefined;
  set(value: V): void;
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
