import type { WrittenMs } from "../runtime/job/progress.ts";

/** What happened since the step before, and how everything stands now: plain JSON, from the worker to the page. */
export interface PlayStep {
  readonly cause: StepCause;
  /** Time of the run's clock, in ms since 1970. */
  readonly atMs: number;
  /** By stage. */
  readonly watermarks: Readonly<Record<string, WrittenMs>>;
  /** The windows that are kept now. */
  readonly windows: readonly ShownWindow[];
  /** Those that gave a result in this step. */
  readonly fired: readonly ShownWindow[];
  readonly results: readonly ShownResult[];
  /** Late elements of this step, by operator. */
  readonly late: Readonly<Record<string, number>>;
  readonly deadLetters: readonly ShownLetter[];
  /** All that is kept beside the windows. */
  readonly state: readonly ShownState[];
}

/** A line of the input, all of them at once, or the end of the streams. */
export type StepCause =
  | { readonly kind: "line"; readonly line: number; readonly elements: readonly ShownElement[] }
  | { readonly kind: "lines"; readonly elements: readonly ShownElement[] }
  | { readonly kind: "end" };

export interface ShownElement {
  /** Line of the input, from 1. */
  readonly line: number;
  readonly stream: string;
  readonly document: string;
  /** Event time; absent where the source refused the document. */
  readonly timestampMs?: number;
}

export interface ShownWindow {
  /** Its operator. */
  readonly operator: string;
  /** Under which it is kept: a session keeps the one that it began with. */
  readonly id: string;
  /** As JSON. */
  readonly key: unknown;
  readonly startMs: number;
  readonly endMs: number;
  /** It has given a result that stands. */
  readonly fired: boolean;
  /** What it has collected, as JSON. */
  readonly accumulator: unknown;
}

export interface ShownResult {
  /** Table, stream or folder. */
  readonly target: string;
  readonly kind: "row" | "deleted" | "appended";
  /** The row, the key of the one that is gone, or what was appended. */
  readonly value: unknown;
}

export interface ShownLetter {
  readonly kind: string;
  readonly operator?: string;
  readonly reason: string;
  readonly payload: string;
}

export interface ShownState {
  readonly operator: string;
  readonly state: string;
  /** As JSON; absent where it is broadcast state. */
  readonly key?: unknown;
  /** Of a map or a list the entry; of timers the name. */
  readonly entry?: unknown;
  readonly value: unknown;
}
