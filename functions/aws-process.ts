import type { JobDefinition } from "../runtime/api/job.ts";
import { closeResources } from "../runtime/job/resources.ts";
import { awsRuntime } from "./aws-world.ts";
import { processHandler, type ProcessHandler } from "./process.ts";

/** The deployed process function of a job: made once per environment, when the bundle is loaded. */
export function createProcessHandler(job: JobDefinition): ProcessHandler {
  const runtime = awsRuntime(job);
  // Lambda tells it only where an extension is registered.
  process.once("SIGTERM", () => void closeResources(runtime));
  return processHandler(runtime);
}
