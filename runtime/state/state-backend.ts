import type { KeyValue } from "../graph/key-value.ts";
import type { KeyRecord } from "./key-record.ts";
import type { KeyedState } from "./keyed-state.ts";
import type { StateDelta } from "./state-delta.ts";

/** Where keys live: the group of a key, by the hash of its stage. */
export type KeyLocator = (key: KeyValue) => number;

/**
 * A home of the keyed state of one subtask. After a step `prepare` gives what it changed, and `accept` or `undo` ends it. The heap is one
 * home; another gives the same entries in the same order, which is what its contract suite holds it to.
 */
export interface StateBackend extends KeyedState {
  /** What the step changed; undefined where nothing did. Then either `accept` or `undo` must follow. */
  prepare(): StateDelta | undefined;
  /** The prepared changes are committed. */
  accept(): void;
  /** Puts everything back to the last commit. */
  undo(): void;
  /** Applies what another environment committed, or a whole state; `accept` filters by key. */
  apply(delta: StateDelta, accept?: (record: KeyRecord) => boolean): void;
  /** Everything, as a delta of whole states. */
  snapshot(): StateDelta;

  /** Approximate size of what is kept, in bytes as encoded, and of the timers in memory. */
  readonly bytes: number;
  /** The same by uid of the operator. */
  bytesByOperator(): ReadonlyMap<string, number>;
  readonly keyCount: number;
}
