import type { KeyValue } from "../graph/key-value.ts";

/**
 * What one commit changes in the state of one subtask, in columns: entry i is key `keys[key[i]]`, state
 * `cells[cell[i]]`, map key `mapKey[i]` (null for a value) and what is committed, `undefined` for an entry that is gone.
 * A delta that holds every entry of a subtask is a whole state: takeovers and segments are written so.
 */
export interface StateDelta {
  readonly stage: string;
  /** Names of the states: operator uid, "/", name of the state. */
  readonly cells: readonly string[];
  readonly keys: readonly KeyValue[];
  readonly key: readonly number[];
  readonly cell: readonly number[];
  readonly mapKey: readonly (KeyValue | null)[];
  readonly committed: readonly unknown[];
}

/** Collects a delta, entry by entry. What is noted in a record is of one builder: no two collect from the same records at a time. */
export function deltaBuilder(stage: string, cells: readonly string[]) {
  const keys: KeyValue[] = [];
  const key: number[] = [];
  const cell: number[] = [];
  const mapKey: (KeyValue | null)[] = [];
  const committed: unknown[] = [];
  const records: object[] = [];
  return {
    add(
      entry: {
        readonly record: { readonly key: KeyValue; at: number };
        readonly cell: number;
        readonly mapKey: KeyValue | undefined;
      },
      value: unknown,
    ): void {
      const { record } = entry;
      // Noted in the record: a map of all records would take longer to fill than all else.
      if (records[record.at] !== record) {
        record.at = keys.length;
        records.push(record);
        keys.push(record.key);
      }
      key.push(record.at);
      cell.push(entry.cell);
      mapKey.push(entry.mapKey ?? null);
      committed.push(value);
    },
    get isEmpty(): boolean {
      return key.length === 0;
    },
    build(): StateDelta {
      return { stage, cells, keys, key, cell, mapKey, committed };
    },
  };
}
