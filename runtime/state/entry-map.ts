import type { KeyValue } from "../graph/key-value.ts";
import { compareKeys } from "../serde/compare-keys.ts";
import type { Identity } from "./key-record.ts";
import type { StateEntry } from "./state-entry.ts";

/** Keys of a map, both inclusive. */
export interface KeyRange<K extends KeyValue = KeyValue> {
  readonly from: K;
  readonly to: K;
}

/** The entries of one map of one key. */
export class EntryMap {
  readonly #entries = new Map<Identity, StateEntry>();
  /** By ascending key, from the first time that somebody asks for it: most maps are never asked. */
  #ordered: StateEntry[] | undefined;

  get size(): number {
    return this.#entries.size;
  }

  get(identity: Identity): StateEntry | undefined {
    return this.#entries.get(identity);
  }

  values(): IterableIterator<StateEntry> {
    return this.#entries.values();
  }

  /** Puts an entry in that is not there yet. */
  add(identity: Identity, entry: StateEntry): void {
    this.#entries.set(identity, entry);
    const ordered = this.#ordered;
    if (ordered === undefined) return;
    const last = ordered.at(-1);
    // Most keys are times or counts, and come in their order.
    if (last === undefined || compareKeys(keyOf(last), keyOf(entry)) < 0) ordered.push(entry);
    else ordered.splice(firstFrom(ordered, keyOf(entry)), 0, entry);
  }

  delete(identity: Identity): void {
    const entry = this.#entries.get(identity);
    if (entry === undefined) return;
    this.#entries.delete(identity);
    this.#ordered?.splice(firstFrom(this.#ordered, keyOf(entry)), 1);
  }

  /** Those of a range, or all of them, in the order of their keys. */
  ordered(range?: KeyRange): readonly StateEntry[] {
    const ordered = this.#inOrder();
    if (range === undefined) return ordered.slice();
    const first = firstFrom(ordered, range.from);
    let end = first;
    while (end < ordered.length && compareKeys(keyOf(ordered[end] as StateEntry), range.to) <= 0)
      end += 1;
    return ordered.slice(first, end);
  }

  /** The last one in that order of those that are asked for, none of them behind `upTo`. */
  last(isAsked: (entry: StateEntry) => boolean, upTo?: KeyValue): StateEntry | undefined {
    const ordered = this.#inOrder();
    let at = upTo === undefined ? ordered.length : firstFrom(ordered, upTo);
    const next = ordered[at];
    if (next !== undefined && compareKeys(keyOf(next), upTo as KeyValue) === 0) at += 1;
    while (at > 0) {
      const entry = ordered[--at] as StateEntry;
      if (isAsked(entry)) return entry;
    }
    return undefined;
  }

  #inOrder(): StateEntry[] {
    return (this.#ordered ??= [...this.#entries.values()].sort((left, right) =>
      compareKeys(keyOf(left), keyOf(right)),
    ));
  }
}

function keyOf({ mapKey }: StateEntry): KeyValue {
  return mapKey as KeyValue;
}

/** The place of the first entry whose key is no lower; behind the last one where there is none. */
function firstFrom(ordered: readonly StateEntry[], key: KeyValue): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keyOf(ordered[middle] as StateEntry), key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
