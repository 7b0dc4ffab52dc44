import type { Duration } from "./duration.ts";

/**
 * How long state lives: Flink's `StateTtlConfig`. Of a list each element expires for itself, and of a map each entry.
 * docs/state.md, "Time to live", says what each option does to each kind of state.
 */
export interface StateTtl {
  /** How long a value lives behind its last use. Above zero. */
  readonly after: Duration;
  /** What counts as a use. Default: "onCreateAndWrite". */
  readonly update?: TtlUpdate;
  /** Whether a value that has expired may still be seen. Default: "neverReturnExpired". */
  readonly visibility?: TtlVisibility;
  /**
   * By which time values expire: that of the machine, as in Flink, or that of the elements (where there are watermarks). Default: "processing".
   */
  readonly time?: TtlTime;
}

export type TtlUpdate = "onCreateAndWrite" | "onReadAndWrite";
export type TtlVisibility = "neverReturnExpired" | "returnExpiredIfNotCleanedUp";
export type TtlTime = "processing" | "event";

/** The same with all of its defaults. */
export interface Ttl {
  readonly afterMs: number;
  readonly update: TtlUpdate;
  readonly visibility: TtlVisibility;
  readonly time: TtlTime;
}

/** A declared state that may expire. */
export interface MayExpire {
  readonly ttl?: Ttl;
}
