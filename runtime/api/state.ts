import type { KeyValue } from "../graph/key-value.ts";
import type {
  ListDeclaration,
  MapDeclaration,
  StateVersion,
  ValueDeclaration,
} from "../graph/state-declarations.ts";

/** Declares one value per key. */
export function valueState<V>(version: StateVersion<V> = {}): ValueDeclaration<V> {
  return Object.freeze({ kind: "value", ...versionOf(version) });
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
