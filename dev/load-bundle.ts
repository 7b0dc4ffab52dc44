import { pathToFileURL } from "node:url";
import { isJobDefinition, type JobDefinition } from "../runtime/api/job.ts";
import type { EmbeddedJob } from "../runtime/embedded/job-world.ts";
import { isMillraceError, jobError, messageOf } from "../runtime/errors/millrace-error.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";

/**
 * Loads the job from a bundle of kind "embedded" into this thread. Each thread loads its own.
 * @throws `job-not-exported` and the planner's errors; `job-code-failed` for whatever else the job's file throws.
 */
export async function loadBundle(file: string): Promise<EmbeddedJob> {
  const { graph } = await importJob(file);
  return { graph, plan: buildPlan(graph) };
}

async function importJob(file: string): Promise<JobDefinition> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as typeof module;
  } catch (thrown) {
    if (isMillraceError(thrown)) throw thrown;
    throw jobError("job-code-failed", {
      message: `The job failed while it was being defined: ${stackOf(thrown)}`,
      next: "Mend the code, or what it depends on, at the place that the trace shows.",
      cause: thrown,
    });
  }
  if (isJobDefinition(module.default)) return module.default;
  throw jobError("job-not-exported", {
    message: `The bundle ${file} exports no job by default.`,
    next: 'Bundle the job\'s file as kind "embedded".',
  });
}

function stackOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.stack : undefined) ?? messageOf(thrown);
}
