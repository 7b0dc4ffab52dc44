import type { RunReport, WrittenRows } from "../dev/index.ts";
import type { JobProgress } from "../runtime/observe/job-progress.ts";
import type { Rates } from "./rate-meter.ts";
import type { SinkResults } from "./sink-results.ts";

/** Shows a run: to people on a terminal, to people who read a log, or to programs. */
export interface ProgressView {
  /** A run begins; `before` is where an earlier one left off. */
  start(start: RunStart): void;
  /** About twice a second. */
  progress(progress: JobProgress, rates: Rates, elapsedMs: number): void;
  /** What was written into tables of results since this was called last. */
  rows(written: readonly WrittenRows[]): void;
  /** Something went wrong that does not end the run. */
  report(report: RunReport): void;
  /** A line of a print sink. */
  printed(line: string): void;
  /** Something to know, for example what Ctrl-C does. */
  note(text: string): void;
  /** The console is served there. */
  console(url: string): void;
  end(end: RunEnd): void;
}

export interface RunStart {
  readonly job: string;
  readonly generation: number;
  readonly dir: string;
  readonly workers: number;
  readonly before?: {
    readonly progress: JobProgress;
    readonly slots: readonly ResumedSlot[];
  };
}

export interface ResumedSlot {
  readonly slot: string;
  /** The last commit whose outputs are delivered. */
  readonly version: number;
  readonly records: number;
  readonly stateBytes: number;
}

export interface RunEnd {
  readonly end: "ended" | "stopped";
  /** How it was ended by `millrace stop`; absent where it was not. */
  readonly outcome?: { readonly how: "stopped" | "cancelled"; readonly savepoint?: string };
  readonly progress: JobProgress;
  /** Records that sources took in this run. */
  readonly recordsOfRun: number;
  readonly elapsedMs: number;
  /** What sinks were given over all runs, and what has come of it. */
  readonly sinks: readonly SinkResults[];
  /** Dead letters of this run. */
  readonly deadLettersOfRun: number;
  /** Whether the same command resumes: false where the folder was a temporary one. */
  readonly resumable: boolean;
}
