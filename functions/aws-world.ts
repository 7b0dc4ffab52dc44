import type { JobDefinition } from "../runtime/api/job.ts";
import {
  defaultSlotSettings,
  type JobRuntime,
  type SlotSettings,
} from "../runtime/job/job-runtime.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
import { deployedPorts } from "./deployed-ports.ts";
import { namesIn, required, type Variables } from "./variables.ts";

/** A job on AWS, as the function's environment variables describe its resources. */
export function awsRuntime(job: JobDefinition, variables: Variables = process.env): JobRuntime {
  return {
    graph: job.graph,
    plan: buildPlan(job.graph),
    ports: deployedPorts(job.name, variables),
    names: {
      exchangeStream: required(variables, "MILLRACE_EXCHANGE_STREAM"),
      streams: namesIn(variables, "MILLRACE_STREAMS"),
      tables: namesIn(variables, "MILLRACE_TABLES"),
    },
    settings: { ...defaultSlotSettings, ...batchWindow(variables) },
  };
}

/** protocol 4.6: what waits for its batch is not behind. */
function batchWindow({ MILLRACE_BATCH_WINDOW_MS: text }: Variables): Partial<SlotSettings> {
  return text === undefined ? {} : { batchWindowMs: Number(text) };
}
