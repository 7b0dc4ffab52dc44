import { LambdaClient } from "@aws-sdk/client-lambda";
import type { JobDefinition } from "../runtime/api/job.ts";
import { awsClients } from "../runtime/aws/clients.ts";
import { dynamodbTableSchemas } from "../runtime/aws/dynamodb-table-schemas.ts";
import { eventSourceControl } from "../runtime/aws/event-source-control.ts";
import { lambdaSlotInvoker } from "../runtime/aws/lambda-slot-invoker.ts";
import { collectIfDue } from "../runtime/coordinator/garbage-runs.ts";
import {
  type CoordinatorSettings,
  defaultCoordinatorSettings,
} from "../runtime/coordinator/options.ts";
import { describeJob, writeDescription } from "../runtime/observe/job-description.ts";
import { patientInvoker } from "../runtime/slot/patient-invoker.ts";
import { awsRuntime } from "./aws-world.ts";
import { coordinatorHandler, type InvocationContext } from "./coordinator.ts";
import { required } from "./variables.ts";

/** The deployed coordinator of a job. */
export function createCoordinatorHandler(job: JobDefinition) {
  const runtime = awsRuntime(job);
  const lambda = {
    client: new LambdaClient({}),
    functionName: required(process.env, "MILLRACE_PROCESS_FUNCTION"),
  };
  const settings = {
    ...defaultCoordinatorSettings,
    ...frameRetention(process.env),
    ...deadLetterRetention(process.env),
    ...sampling(process.env),
    reportsUserMetrics: process.env["MILLRACE_USER_METRICS"] === "true",
  };
  const lead = coordinatorHandler({
    job: runtime,
    invoker: patientInvoker(runtime, lambdaSlotInvoker(lambda)),
    sourceControl: eventSourceControl(lambda),
    tableSchemas: dynamodbTableSchemas({ client: awsClients().dynamodb }),
    // A schedule of its own has garbage collected: an invocation ends when its time is over, and a collection may need all of it.
    settings: { ...settings, garbageEveryMs: Number.POSITIVE_INFINITY },
  });
  let isDescribed = false;
  return async (event: CoordinatorEvent, context: InvocationContext) => {
    if (event.kind === "collect-garbage")
      return { collected: await collectIfDue({ job: runtime, settings }) };
    if (!isDescribed)
      await writeDescription(runtime.ports, describeJob(runtime.graph, runtime.plan));
    isDescribed = true;
    return await lead(event, context);
  };
}

/** What the schedules start it with; whatever else starts it has it lead. */
export interface CoordinatorEvent {
  readonly kind?: string;
}

/** Absent where nobody looks through the API. */
export function sampling({
  MILLRACE_SAMPLE_EVERY_MS: text,
}: Readonly<Record<string, string | undefined>>): Partial<CoordinatorSettings> {
  return text === undefined ? {} : { sampleEveryMs: Number(text) };
}

const dayMs = 86_400_000;

/** protocol 6.8: absent where they are kept for ever. */
export function deadLetterRetention({
  MILLRACE_DEAD_LETTER_RETENTION_MS: text,
}: Readonly<Record<string, string | undefined>>): Partial<CoordinatorSettings> {
  const deadLetterRetentionMs = Number(text ?? 0);
  return deadLetterRetentionMs > 0 ? { deadLetterRetentionMs } : {};
}

/** protocol 6.8: objects of frames outlive the records that point to them. */
export function frameRetention({
  MILLRACE_EXCHANGE_RETENTION_MS: text,
}: Readonly<Record<string, string | undefined>>): Partial<CoordinatorSettings> {
  const { frameRetentionMs } = defaultCoordinatorSettings;
  const retentionMs = Number(text ?? 0);
  return { frameRetentionMs: Math.max(frameRetentionMs, retentionMs + dayMs) };
}
