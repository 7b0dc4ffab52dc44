import type { JobRuntime } from "../job/job-runtime.ts";
import type { SlotInvoker, SourceControl, TableSchemas } from "../ports/index.ts";
import { garbageDefaults } from "../savepoints/garbage.ts";

export interface CoordinatorOptions {
  readonly job: JobRuntime;
  readonly invoker: SlotInvoker;
  /** Checked once a minute; absent where nothing can be checked. */
  readonly sourceControl?: SourceControl;
  /** Asked once a minute; absent where tables have no keys before they have rows. */
  readonly tableSchemas?: TableSchemas;
  /** It stops at this time at the latest (of the job's clock); the next start goes on. */
  readonly deadlineMs: number;
  readonly settings: CoordinatorSettings;
  /** Asked before every round. */
  readonly isStopped?: () => boolean;
}

export interface CoordinatorSettings {
  /** Pause between rounds: how late a tick may be. Default 250 ms. */
  readonly tickIntervalMs: number;
  /** Default 10,000 ms; renewed at half of it. */
  readonly leaseMs: number;
  /** It ends after this long without any change. Default 55,000 ms: a rule starts it every minute. */
  readonly quietMs: number;
  /** How long a list of shards is used. Default 5,000 ms. */
  readonly shardListMs: number;
  /** A closed or silent source slot is invoked when its progress is this old. Default 2,000 ms. */
  readonly sourceQuietMs: number;
  /** How long a start waits for the lease that another holds, to lead as soon as it is free. Default 65,000 ms: until after the next start. */
  readonly standbyMs: number;
  /** How often it looks meanwhile. Default 500 ms. */
  readonly standbyPollMs: number;
  /** How often garbage is collected; Infinity where something else sees to it. Default: every hour. */
  readonly garbageEveryMs: number;
  /** What nothing refers to goes when it was found so twice, this far apart. Default: an hour. */
  readonly garbageGraceMs: number;
  /** Frames that stand in objects go after this: longer than the exchange keeps its records. Default: eight days. */
  readonly frameRetentionMs: number;
  /** How often what the job has come to is written down, at most every two seconds. Default: Infinity, never. */
  readonly sampleEveryMs: number;
  /** Whether telemetry is told each minute what users' functions count and measure. Default: false. */
  readonly reportsUserMetrics: boolean;
  /** Dead letters go so long after a collection first saw them. Default: Infinity, never. */
  readonly deadLetterRetentionMs: number;
}

export const defaultCoordinatorSettings: CoordinatorSettings = {
  tickIntervalMs: 250,
  leaseMs: 10_000,
  quietMs: 55_000,
  shardListMs: 5_000,
  sourceQuietMs: 2_000,
  standbyMs: 65_000,
  standbyPollMs: 500,
  garbageEveryMs: 3_600_000,
  garbageGraceMs: garbageDefaults.graceMs,
  frameRetentionMs: garbageDefaults.frameRetentionMs,
  sampleEveryMs: Number.POSITIVE_INFINITY,
  reportsUserMetrics: false,
  deadLetterRetentionMs: garbageDefaults.deadLetterRetentionMs,
};
