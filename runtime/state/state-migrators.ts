import type { KeyValue } from "../graph/key-value.ts";

/** One entry of a state as an older version kept it. */
export interface OldEntry {
  readonly value: unknown;
  readonly mapKey: KeyValue | null;
  readonly fromVersion: number;
}

/** Makes the value of an entry as it is kept now. */
export type StateMigrator = (entry: OldEntry) => unknown;

/** By name of the cell, "uid/state": how a job reads what its older versions kept, where it can. */
export type StateMigrators = ReadonlyMap<string, StateMigrator>;

/** Key under which a list keeps its length, beside its elements under their indexes. */
export const listLengthKey = "length";
