import type { Manifest } from "../checkpoint/manifest.ts";
import { isCommitted } from "../checkpoint/staged.ts";
import { deploymentError } from "../errors/millrace-error.ts";
import { commitEpoch } from "../job/commit-epoch.ts";
import type { JobRuntime } from "../job/job-runtime.ts";

/**
 * protocol 6.9: what an epoch holds can be seen before anybody goes on from it; whoever was to make it visible may have died in the middle.
 * @throws MillraceError `epoch-committing` where only the other job can do it
 */
export async function commitAgain(job: JobRuntime, manifest: Manifest): Promise<void> {
  if (await isCommitted(job.ports, manifest)) return;
  if (manifest.job !== job.plan.job) throw committing(manifest);
  await commitEpoch(job, manifest);
}

export function committing({ job, epoch }: Manifest): Error {
  return deploymentError("epoch-committing", {
    message: `Epoch ${epoch} of job "${job}" is complete, but not all of its results can be seen yet.`,
    next: "Try again in a moment: the job's coordinator makes them visible.",
    retryable: true,
  });
}
