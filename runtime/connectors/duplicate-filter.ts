import type { RecordId } from "./record-id.ts";

/** What a reader remembers of each producer, by `generation#slot`: plain data, so that it can be committed. */
export interface DuplicateFilterState {
  [producer: string]: {
    /** The highest version that came. */
    version: number;
    /** Indexes of that version that came, in ascending order. */
    seen: number[];
  };
}

export interface DuplicateFilter {
  /** The state that was given, changed in place. */
  readonly state: DuplicateFilterState;
  /** True for a record that comes for the first time; notes it. */
  isNew(id: RecordId): boolean;
}

/**
 * Tells the first copy of a record from later ones, for one shard's reader. It rests on what a slot promises
 * (docs/protocol.md, section 9): all of a version is put before anything of the next, so whatever comes of a lower
 * version came before. Within one version records come in any order. One entry per producer remains.
 */
export function duplicateFilter(state: DuplicateFilterState = {}): DuplicateFilter {
  return {
    state,
    isNew({ slot, generation, version, index }) {
      const producer = `${generation}#${slot}`;
      const known = state[producer];
      if (known === undefined || version > known.version) {
        state[producer] = { version, seen: [index] };
        return true;
      }
      return version === known.version && insert(known.seen, index);
    },
  };
}

/** Puts a number into an ascending list; false where it is there already. Numbers mostly come in order. */
function insert(ascending: number[], value: number): boolean {
  let low = 0;
  let high = ascending.length;
  if (high === 0 || (ascending[high - 1] as number) < value) low = high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  if (ascending[low] === value) return false;
  ascending.splice(low, 0, value);
  return true;
}
