import { isJobDefinition, type JobDefinition } from "../runtime/api/job.ts";
import { jobError } from "../runtime/errors/millrace-error.ts";

/** The job that a module exports by default, under another name if one is given. Runs inside the bundle, when it is loaded. */
export function jobOf(
  module: { readonly default?: unknown },
  file: string,
  name?: string,
): JobDefinition {
  const job = module.default;
  if (isJobDefinition(job)) return name === undefined ? job : renamed(job, name);
  throw jobError("job-not-exported", {
    message:
      job === undefined
        ? `${file} has no default export.`
        : `The default export of ${file} is ${nameOf(job)}, not a job.`,
    next: 'Write `export default defineJob("name", (env) => { … });` in it.',
  });
}

/** Its brand comes along with its fields. */
function renamed(job: JobDefinition, name: string): JobDefinition {
  return Object.freeze({ ...job, name, graph: Object.freeze({ ...job.graph, job: name }) });
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
