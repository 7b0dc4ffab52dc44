import { readEpochs } from "../runtime/checkpoint/epochs.ts";
import { readManifest } from "../runtime/checkpoint/manifest.ts";
import { deploymentError, stateError } from "../runtime/errors/millrace-error.ts";
import { type Generation, readGeneration } from "../runtime/job/generation.ts";
import { listProgress, type SlotProgress } from "../runtime/job/progress.ts";
import { objectNames } from "../runtime/layout/names.ts";
import { type JobDescription, readDescription } from "../runtime/observe/job-description.ts";
import type { ServedStore } from "./served-store.ts";

/**
 * The newest generation of a job; undefined where only its savepoints are there.
 * @throws MillraceError `job-unknown`
 */
export async function findGeneration(
  { ports, jobs }: ServedStore,
  job: string,
): Promise<Generation | undefined> {
  const generation = await readGeneration(ports, job);
  if (generation !== undefined) return generation;
  const known = await jobs();
  if (known.includes(job)) return undefined;
  throw deploymentError("job-unknown", {
    message: `There is no job "${job}" here; ${known.length === 0 ? "there is none" : `there are ${known.slice(0, 20).join(", ")}`}.`,
    next: "GET /jobs lists them.",
  });
}

/** What is known of a job's version: where nobody has described it, its plan alone. */
export type KnownJob = Pick<JobDescription, "plan"> & Partial<JobDescription>;

/** What the store says of the version of a job that runs; undefined where that is nothing yet. */
export async function findDescription(
  { ports }: ServedStore,
  job: string,
  generation: Generation | undefined,
): Promise<KnownJob | undefined> {
  if (generation === undefined) return undefined;
  const described = await readDescription(ports, job, generation.plan);
  if (described !== undefined) return described;
  const { epochs } = await readEpochs(ports, job, generation.generation);
  const key =
    epochs.completed === undefined
      ? generation.restoredFrom
      : objectNames.manifest(job, generation.generation, epochs.completed);
  if (key === undefined) return undefined;
  const { plan } = await readManifest(ports.objects, key);
  return plan.fingerprint === generation.plan ? { plan } : undefined;
}

/** A job that has run, with its slots and its plan. */
export interface RunJob extends KnownJob {
  readonly generation: Generation;
  readonly rows: readonly SlotProgress[];
}

/** @throws MillraceError `job-unknown`, `plan-unknown` */
export async function findRun(store: ServedStore, job: string): Promise<RunJob> {
  const generation = await findGeneration(store, job);
  const known = await findDescription(store, job, generation);
  if (generation === undefined || known === undefined) throw planUnknown(job);
  const place = { job, generation: generation.generation };
  return { ...known, generation, rows: await listProgress(store.ports, place) };
}

const planUnknown = (job: string): Error =>
  stateError("plan-unknown", {
    message: `The store does not say what job "${job}" consists of: nobody has described it, and no checkpoint of it is complete.`,
    next: "Ask again when the job runs, or has taken a checkpoint.",
  });
