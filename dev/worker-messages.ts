import type { SlotSettings } from "../runtime/job/job-runtime.ts";
import type { PlainError } from "./plain-error.ts";
import type { RunReport } from "./run-report.ts";
import type { WrittenRows } from "./watched-tables.ts";
import type { EventSourceTuning } from "./worker.ts";

/** What a worker thread is started with. */
export interface WorkerThreadData {
  readonly bundleFile: string;
  readonly dir: string;
  /** It serves the shards whose number falls on `index` of `count`. */
  readonly index: number;
  readonly count: number;
  readonly environments: number;
  readonly tuning: EventSourceTuning;
  readonly settings: Partial<SlotSettings>;
  /** Whether it tells which rows it writes. */
  readonly tellsRows: boolean;
}

/** The only thing that a worker thread is told. */
export const stopMessage = "stop";

/** What a worker thread tells; after "stopped" and "failed" nothing follows. */
export type WorkerMessage =
  | { readonly type: "report"; readonly report: RunReport }
  | { readonly type: "rows"; readonly written: WrittenRows }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly error: PlainError };

/** All threads of a run, which share the memory of its process: those that serve, and the coordinator's. */
export function threadsOf(workers: number): number {
  return workers > 1 ? workers + 1 : 1;
}
