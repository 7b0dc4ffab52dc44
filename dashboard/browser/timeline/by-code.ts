import type { JobExceptionsView } from "../../../http/schemas/history.ts";

type JobException = JobExceptionsView["exceptions"][number];

/** Errors of one code as one: how often, from when to when, and what the newest says. The newest first. */
export function byCode(exceptions: readonly JobException[]): readonly JobException[] {
  const groups = Map.groupBy(exceptions, ({ kind, code }) => `${kind} ${code}`);
  return Array.from(groups.values(), (all) => {
    const newest = all.reduce((last, one) => (one.lastMs > last.lastMs ? one : last));
    return {
      ...newest,
      count: all.reduce((sum, one) => sum + one.count, 0),
      firstMs: Math.min(...all.map(({ firstMs }) => firstMs)),
    };
  }).toSorted((left, right) => right.lastMs - left.lastMs);
}
