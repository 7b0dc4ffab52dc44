import type { KeyValue } from "../graph/key-value.ts";
import type { EntryMap } from "./entry-map.ts";
import type { StateEntry } from "./state-entry.ts";

/** Identity of a key or of a map's key in a Map: see keyIdentity. */
export type Identity = string | number | boolean | bigint;

/** Everything that a subtask keeps of one key: its place in the hash space and a cell for each declared state. */
export interface KeyRecord {
  readonly key: KeyValue;
  readonly identity: Identity;
  readonly group: number;
  /** Among the keys that the subtask has in memory: the order in which they came into it. */
  readonly order: number;
  /** Where the key stands in the delta that is being made, if it does. */
  at: number;
  /** By index of the state: one entry for a value, entries by map key for a map; undefined while there is nothing. */
  readonly cells: (StateEntry | EntryMap | undefined)[];
}
