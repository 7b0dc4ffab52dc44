import { loadBundle } from "./load-bundle.ts";
import { type OpenedJob, type OpenJobOptions, openLoaded } from "./open-job.ts";

export interface JobBundleOptions extends OpenJobOptions {
  /** A bundle of kind "embedded" (see bundleJob). */
  readonly bundleFile: string;
  /** Threads that serve the slots; with 1 it is this thread. Default 1. */
  readonly workers?: number;
}

/** A bundled job with its world on this machine, ready to run. */
export type OpenedJobBundle = OpenedJob;

/**
 * Loads a bundled job, opens its folder and makes its streams.
 * @throws errors of loading the job and of the planner; `plan-changed` where the folder holds state of another version of it;
 *   `job-stopped` where it was stopped or cancelled.
 */
export async function openJobBundle(options: JobBundleOptions): Promise<OpenedJobBundle> {
  const { bundleFile, workers = 1, ...others } = options;
  return await openLoaded(await loadBundle(bundleFile), others, { bundleFile, workers });
}
