import { Duration } from "aws-cdk-lib";
import { FunctionUrlAuthType, type FunctionUrl, InvokeMode } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import { createJobFunction, type JobFunction, type JobFunctionProps } from "./functions.ts";
import { apiStatements, type PipelineResources } from "./permissions.ts";

/** A function of the API, and where it answers. */
export interface ApiFunction extends JobFunction {
  readonly url: FunctionUrl;
}

/** The API in front of a deployed job. */
export interface PipelineApi {
  readonly reads: ApiFunction;
  /** Absent where nothing can be changed through the API. */
  readonly writes?: ApiFunction;
}

export interface ApiProps extends Pick<JobFunctionProps, "settings" | "network"> {
  readonly resources: PipelineResources;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Two functions with a URL and a role each, so that reading and changing are permissions of their own; none without the prop. Only who has signed a request, and may
 * invoke the function's URL, is answered.
 */
export function createPipelineApi(scope: Construct, props: ApiProps): PipelineApi | undefined {
  const { api } = props.settings;
  if (api === false) return undefined;
  const reads = createApiFunction(scope, "ApiReads", { ...props, allows: "reads" });
  if (api === true || api.writes !== true) return { reads };
  return { reads, writes: createApiFunction(scope, "ApiWrites", { ...props, allows: "writes" }) };
}

/** A stream of events lasts as long as an invocation, also where its viewer has gone. */
const timeout = Duration.minutes(2);

function createApiFunction(
  scope: Construct,
  id: string,
  { settings, network, resources, environment, allows }: ApiProps & { allows: "reads" | "writes" },
): ApiFunction {
  const created = createJobFunction(scope, id, {
    kind: "api",
    settings,
    network,
    description: `${allows === "reads" ? "Shows" : "Changes"} what is asked for of the job ${resources.job}`,
    environment: { ...environment, MILLRACE_API: allows },
    statements: apiStatements(resources, allows),
    limits: { memorySize: 512, timeout },
  });
  const url = created.function.addFunctionUrl({
    authType: FunctionUrlAuthType.AWS_IAM,
    invokeMode: InvokeMode.RESPONSE_STREAM,
  });
  return { ...created, url };
}

export const apiMissing = (pipelineName: string, which: keyof PipelineApi): Error =>
  deploymentError("api-missing", {
    message: `The pipeline "${pipelineName}" has no API that ${which === "reads" ? "reads" : "changes something"}: nobody can be granted it.`,
    next: `Give the pipeline api: ${which === "reads" ? "true" : "{ writes: true }"}.`,
  });
