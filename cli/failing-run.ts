import type { OpenedJobBundle } from "../dev/index.ts";
import { jobError } from "../runtime/errors/millrace-error.ts";
import type { DeadLetter } from "../runtime/job/dead-letter.ts";
import { placedDeadLetters } from "../runtime/job/dead-letter-objects.ts";
import { objectPrefixes } from "../runtime/layout/names.ts";
import type { JobProgress } from "../runtime/observe/job-progress.ts";
import { readableCount } from "./readable.ts";
import { sinkResults } from "./sink-results.ts";
import type { RunSample } from "./warnings/run-sample.ts";

/** Fewer failures than so many may be bad luck. */
const failuresMin = 20;

/**
 * Looks whether every record of a run fails: going on would make dead letters of all of its input.
 * @throws MillraceError `every-record-fails`, with the first of them
 */
export async function refuseFailing(
  { ports, plan, generation }: OpenedJobBundle,
  { progress }: Pick<RunSample, "progress">,
  before: Pick<JobProgress, "deadLetters" | "records"> = { deadLetters: 0, records: 0 },
): Promise<void> {
  const failures = progress.deadLetters - before.deadLetters;
  if (failures < failuresMin || failures < progress.records - before.records) return;
  const hasResults = sinkResults(plan, progress, new Map()).some(({ results }) => results > 0);
  if (hasResults || progress.keys > 0) return;
  const prefix = objectPrefixes.deadLetters({ job: plan.job, generation });
  for await (const { letter } of placedDeadLetters(ports.objects, prefix))
    throw everyRecordFails(failures, letter);
}

function everyRecordFails(failures: number, letter: DeadLetter): Error {
  const { slot, title, operator = title ?? slot, definedAt, error, thrownAt, reason } = letter;
  const defined = definedAt === undefined ? "" : ` (defined at ${definedAt})`;
  const thrown = thrownAt === undefined ? "" : `\n    at ${thrownAt}`;
  return jobError("every-record-fails", {
    message: `Each of the first ${readableCount(failures)} records failed, and nothing came of any. The first one, in ${title ?? operator}${defined}:\n    ${error === undefined ? "" : `${error}: `}${reason}${thrown}`,
    next: "Mend the job or its input. With --dir, millrace deadletters show says more of each; with --allow-dead-letters the run goes on.",
  });
}
