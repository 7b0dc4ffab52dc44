import type { KeyValue } from "../graph/key-value.ts";
import type {
  ListDeclaration,
  MapDeclaration,
  ValueDeclaration,
} from "../graph/state-declarations.ts";

/** Declares one value per key. */
export function valueState<V>(): ValueDeclaration<V> {
  return Object.freeze({ kind: "value" });
}

/** Declares a list per key. It is read and written as a whole: for short lists. */
export function listState<V>(): ListDeclaration<V> {
  return Object.freeze({ kind: "list" });
}

/** Declares a map per key, whose entries are read and written one by one. */
export function mapState<K extends KeyValue, V>(): MapDeclaration<K, V> {
  return Object.freeze({ kind: "map" });
}
