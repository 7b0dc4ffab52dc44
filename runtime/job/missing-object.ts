import { deploymentError, isMillraceError } from "../errors/millrace-error.ts";
import { type Generation, readGeneration } from "./generation.ts";
import type { JobRuntime } from "./job-runtime.ts";
import { progressRank, readProgress } from "./progress.ts";

/**
 * An object that something of ours named is not there. Whoever was slow looks for what is garbage by now (protocol 6.8), so nobody
 * calls this damage before looking whether what named it still stands.
 */
export function isMissing(thrown: unknown): boolean {
  return (
    isMillraceError(thrown) &&
    (thrown.code === "part-missing" || thrown.code === "commit-body-missing")
  );
}

/** What the progress row said when its reader went for what it names. */
interface KnownProgress {
  readonly slot: string;
  /** Absent where there was no row. */
  readonly rank: number | undefined;
}

/**
 * Answers whether the slot has gone on to other objects since.
 * @throws MillraceError `generation-replaced` where nothing of the generation is kept any more.
 */
export async function hasMovedOn(
  job: JobRuntime,
  generation: Generation,
  { slot, rank = -1 }: KnownProgress,
): Promise<boolean> {
  await checkLives(job, generation);
  const { plan, ports } = job;
  const standing = await readProgress(ports, {
    job: plan.job,
    generation: generation.generation,
    slot,
  });
  return standing !== undefined && progressRank(standing) > rank;
}

/** @throws MillraceError `generation-replaced` */
export async function checkLives(
  { plan, ports }: JobRuntime,
  { generation }: Generation,
): Promise<void> {
  const living = await readGeneration(ports, plan.job);
  if (living?.generation !== generation) throw replaced(plan.job, generation);
}

export function isReplaced(thrown: unknown): boolean {
  return isMillraceError(thrown) && thrown.code === "generation-replaced";
}

function replaced(job: string, generation: number): Error {
  return deploymentError("generation-replaced", {
    message: `Generation ${generation} of job "${job}" was replaced, and its objects are gone.`,
    next: "The batch is tried again, and taken by the generation that lives.",
    retryable: true,
  });
}
