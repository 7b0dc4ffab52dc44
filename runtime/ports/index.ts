import type { CommitLog } from "./commit-log.ts";
import type { ControlTable } from "./control-table.ts";
import type { Decompression } from "./decompression.ts";
import type { Clock, Compression, Heap, Random, Telemetry } from "./environment.ts";
import type { KeyedTable } from "./keyed-table.ts";
import type { ObjectStore } from "./object-store.ts";
import type { StreamReader, StreamWriter } from "./streams.ts";

export type * from "./commit-log.ts";
export type * from "./control-table.ts";
export type * from "./decompression.ts";
export type * from "./environment.ts";
export type * from "./keyed-table.ts";
export type * from "./object-store.ts";
export type * from "./streams.ts";

/** Everything that a running slot touches outside its own memory. */
export interface Ports {
  readonly log: CommitLog;
  readonly control: ControlTable;
  readonly tables: KeyedTable;
  readonly objects: ObjectStore;
  /** Finished files of sinks, for whoever reads them. */
  readonly files: ObjectStore;
  readonly reader: StreamReader;
  readonly writer: StreamWriter;
  readonly clock: Clock;
  readonly random: Random;
  readonly compression: Compression;
  readonly decompression: Decompression;
  readonly telemetry: Telemetry;
  /** One object for all that share one heap. */
  readonly heap: Heap;
}
