import type { KeyValue } from "../graph/key-value.ts";
import type { KeyRange } from "./entry-map.ts";
import type { KeyRecord } from "./key-record.ts";
import type { StateEntry } from "./state-entry.ts";

declare const keeps: unique symbol;

/** A declared state: its place among those of the subtask, and the type of what it keeps. */
export type ValueCell<V> = number & { readonly [keeps]: () => V };
export type MapCell<K extends KeyValue, V> = number & { readonly [keeps]: (key: K) => V };

/** The one value of a key; its `value` is undefined where there is none. */
export type ValueEntry<V> = StateEntry<V | undefined, undefined>;
/** One entry of a map of a key. `value` is of the type only where the entry exists. */
export type MapEntry<K extends KeyValue, V> = StateEntry<V, K>;

/** Which state is declared: of which operator, and under which name. */
export interface CellName {
  readonly uid: string;
  readonly name: string;
}

export interface ValueOptions<E = StateEntry> {
  /** Called for each entry that was loaded, caught up or undone, so that its timers can be armed again. */
  readonly onLoad?: (entry: E) => void;
  /** Whether a copy of the state leaves an entry out, by what is committed of it. */
  readonly isGone?: (entry: StateEntry) => boolean;
}

export interface MapOptions<K extends KeyValue, V> extends ValueOptions<MapEntry<K, V>> {
  /** What a key is now, where older versions kept entries under other ones. */
  readonly keyNow?: (key: KeyValue) => K;
}

/** The keyed state of one subtask, as its operators see it: within a step they read and write entries in place. */
export interface KeyedState {
  /** Declares a state of an operator, before anything is read. */
  declareValue<V>(cell: CellName, options?: ValueOptions): ValueCell<V>;
  declareMap<K extends KeyValue, V>(cell: CellName, options?: MapOptions<K, V>): MapCell<K, V>;
  /** "uid/name" of the declared states, by their places. */
  cellNames(): readonly string[];

  /** How often entries have become others by what no operator did: they were loaded, caught up or undone. */
  readonly resets: number;
  /** The record of a key; made where there is none. */
  record(key: KeyValue): KeyRecord;
  /** The entry of a value state, made where there is none; from now on the step looks at it when it ends. */
  valueEntry<V>(record: KeyRecord, cell: ValueCell<V>): ValueEntry<V>;
  /** The entry of a map state, or undefined where there is none. */
  findMapEntry<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
    mapKey: K,
  ): MapEntry<K, V> | undefined;
  /** The entry of a map state, made where there is none. */
  mapEntry<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
    mapKey: K,
  ): MapEntry<K, V>;
  /** The entries of a map state that exist now, by ascending key: all of them, or those of a range, without a look at the others. */
  orderedMapEntries<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
    range?: KeyRange<K>,
  ): readonly MapEntry<K, V>[];
  /** The highest key of a map state's entries that exist, up to and with `upTo`, without a look at the others; undefined where there is none. */
  lastMapKey<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
    upTo?: K,
  ): K | undefined;
  /** The entries of a map state that exist, in no order that anything may depend on. */
  mapEntries<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
  ): readonly MapEntry<K, V>[];
  /** Whether a map state has entries, of those that are asked for: what is asked may look at them, and no more. */
  hasMapEntries<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
    isAsked?: (entry: StateEntry) => boolean,
  ): boolean;
}
