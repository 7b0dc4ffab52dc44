import type { JobProgress } from "../runtime/observe/job-progress.ts";
import type { Plan } from "../runtime/plan/plan.ts";

export interface SinkResults {
  readonly uid: string;
  /** The table or stream that it writes. */
  readonly target: string;
  /** Results that it received, corrections included. */
  readonly results: number;
  /** Rows that its table holds; absent where it writes no rows. */
  readonly rows?: number;
}

/** What each sink of a plan was given, and how many rows that makes, by the number of rows of each table. */
export function sinkResults(
  { sinks }: Plan,
  { operators }: JobProgress,
  rowsOf: ReadonlyMap<string, number>,
): readonly SinkResults[] {
  return sinks.map(({ uid, target, keyFields }) => ({
    uid,
    target,
    results: operators
      .filter(({ name, stage }) => name === `${stage}/${uid}`)
      .reduce((sum, { received }) => sum + received, 0),
    ...(keyFields === undefined ? {} : { rows: rowsOf.get(target) ?? 0 }),
  }));
}
