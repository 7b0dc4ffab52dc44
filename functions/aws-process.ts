import type { JobDefinition } from "../runtime/api/job.ts";
import { awsRuntime } from "./aws-world.ts";
import { processHandler, type ProcessHandler } from "./process.ts";

/** The deployed process function of a job: made once per environment, when the bundle is loaded. */
export function createProcessHandler(job: JobDefinition): ProcessHandler {
  return processHandler(awsRuntime(job));
}
