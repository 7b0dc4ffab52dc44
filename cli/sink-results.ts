import type { Plan } from "../runtime/plan/plan.ts";
import type { JobProgress } from "../runtime/observe/job-progress.ts";

/** By sink uid: results that it received, corrections included. */
export function sinkResults(
  { sinks }: Plan,
  { operators }: JobProgress,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    sinks.map(({ uid }) => [
      uid,
      operators
        .filter(({ name, stage }) => name === `${stage}/${uid}`)
        .reduce((sum, { received }) => sum + received, 0),
    ]),
  );
}
