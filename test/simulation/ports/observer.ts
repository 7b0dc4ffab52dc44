import type {
  ControlRow,
  KeyedWrite,
  LogName,
  LogRow,
  PutEntry,
} from "../../../runtime/ports/index.ts";
import type { SimShard } from "./sim-streams.ts";

/** Told of every change of the simulated stores at the moment in which it happens. */
export interface StoreObserver {
  /** `displaced` is the row that held the place. */
  appended(log: LogName, row: LogRow, displaced: LogRow | undefined): void;
  controlWritten(row: ControlRow, before: ControlRow | undefined): void;
  /** A write of a row, and whether it was above the one in place. */
  rowWritten(table: string, write: KeyedWrite, applied: boolean): void;
  /** A write that a table does not take. */
  rowRefused(table: string, write: KeyedWrite): void;
  objectWritten(key: string, data: Uint8Array, before: Uint8Array | undefined): void;
  objectDeleted(key: string): void;
  landed(stream: string, shard: SimShard, entry: PutEntry): void;
  resharded(stream: string, opened: readonly SimShard[]): void;
}
