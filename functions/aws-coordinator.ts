import { LambdaClient } from "@aws-sdk/client-lambda";
import type { JobDefinition } from "../runtime/api/job.ts";
import { eventSourceControl } from "../runtime/aws/event-source-control.ts";
import { lambdaSlotInvoker } from "../runtime/aws/lambda-slot-invoker.ts";
import { defaultCoordinatorSettings } from "../runtime/coordinator/options.ts";
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
    settings: defaultCoordinatorSettings,
  });
}
