import { LambdaClient } from "@aws-sdk/client-lambda";
import type { JobDefinition } from "../runtime/api/job.ts";
import { eventSourceControl } from "../runtime/aws/event-source-control.ts";
import { lambdaSlotInvoker } from "../runtime/aws/lambda-slot-invoker.ts";
import {
  type CoordinatorSettings,
  defaultCoordinatorSettings,
} from "../runtime/coordinator/options.ts";
import { awsRuntime, required } from "./aws-world.ts";
import { coordinatorHandler } from "./coordinator.ts";

/** The deployed coordinator of a job. */
export function createCoordinatorHandler(job: JobDefinition) {
  const runtime = awsRuntime(job);
  const lambda = {
    client: new LambdaClient({}),
    functionName: required(process.env, "MILLRACE_PROCESS_FUNCTION"),
  };
  return coordinatorHandler({
    job: runtime,
    invoker: lambdaSlotInvoker(lambda),
    sourceControl: eventSourceControl(lambda),
    settings: { ...defaultCoordinatorSettings, ...frameRetention(process.env) },
  });
}

const dayMs = 86_400_000;

/** protocol 6.8: objects of frames outlive the records that point to them. */
export function frameRetention({
  MILLRACE_EXCHANGE_RETENTION_MS: text,
}: Readonly<Record<string, string | undefined>>): Partial<CoordinatorSettings> {
  const { frameRetentionMs } = defaultCoordinatorSettings;
  const retentionMs = Number(text ?? 0);
  return { frameRetentionMs: Math.max(frameRetentionMs, retentionMs + dayMs) };
}
