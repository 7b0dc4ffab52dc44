import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal, type PolicyStatement } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  Function as Lambda,
  LoggingFormat,
  Runtime,
  type FunctionProps,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, type ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { DISABLE_ASSET_STAGING_CONTEXT } from "aws-cdk-lib/cx-api";
import { acknowledge } from "./acknowledged-findings.ts";
import { bundleJob } from "../bundle/bundle-job.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";

export interface JobFunctionProps {
  readonly kind: "process" | "coordinator";
  readonly settings: PipelineSettings;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What the function may do beyond writing its log. */
  readonly statements: readonly PolicyStatement[];
  readonly limits: Pick<
    FunctionProps,
    "memorySize" | "timeout" | "reservedConcurrentExecutions" | "retryAttempts" | "maxEventAge"
  >;
}

export interface JobFunction {
  readonly function: Lambda;
  readonly role: Role;
  readonly logGroup: ILogGroup;
  readonly bundleBytes: number;
}

/** A function of the job with a role and a log group of its own; no policy of AWS's is attached. */
export function createJobFunction(
  scope: Construct,
  id: string,
  { kind, settings, description, environment, statements, limits }: JobFunctionProps,
): JobFunction {
  const logGroup = new LogGroup(scope, `${id}Log`, {
    retention: settings.logRetention,
    removalPolicy: settings.removalPolicy,
  });
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    description: `Millrace: ${description}`,
  });
  logGroup.grantWrite(role);
  for (const statement of statements) role.addToPolicy(statement);
  const { code, bytes } = codeOf(scope, settings.entry, kind);
  const created = new Lambda(scope, id, {
    ...limits,
    code,
    role,
    logGroup,
    description,
    handler: "index.handler",
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    loggingFormat: LoggingFormat.JSON,
    environment: { ...settings.environment, ...environment },
  });
  acknowledge(created, {
    "Serverless-LambdaTracing":
      "Logs and metrics name slots and versions; tracing every batch would cost more than it tells.",
    ...unkeptEvents[kind],
  });
  // With staging disabled the assembly points at the folder instead of a copy.
  if (!scope.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT))
    rmSync(code.path, { recursive: true, force: true });
  return { function: created, role, logGroup, bundleBytes: bytes };
}

const nextStart =
  "The next start is a minute away, and an old one must not be kept; the alarm CoordinatorSilent tells.";

/** Why there is no queue for events that could not be handled. */
const unkeptEvents: Readonly<Record<JobFunctionProps["kind"], Readonly<Record<string, string>>>> = {
  process: {
    "Serverless-LambdaDLQ":
      "Mappings call it, which retry without end, and the coordinator, which asks again while it has to.",
    "Serverless-LambdaAsyncFailureDestination":
      "What the coordinator asked for in vain it asks for again; the alarm Errors tells.",
  },
  coordinator: {
    "Serverless-LambdaDLQ": nextStart,
    "Serverless-LambdaAsyncFailureDestination": nextStart,
  },
};

/**
 * A folder of its own; the function copies it, by its content's hash, into the cloud assembly. The code of a stack that is only listed or
 * deleted, or is not among those that are deployed, is not bundled: the CDK tells of which stacks it is needed.
 */
function codeOf(scope: Construct, entry: string, kind: "process" | "coordinator") {
  const folder = mkdtempSync(join(tmpdir(), `millrace-${kind}-`));
  const outfile = join(folder, "index.mjs");
  if (Stack.of(scope).bundlingRequired) {
    const { bytes } = bundleJob({ entry, kind, outfile, minify: true });
    return { code: Code.fromAsset(folder), bytes };
  }
  writeFileSync(outfile, notBundled);
  return { code: Code.fromAsset(folder), bytes: 0 };
}

const notBundled =
  'throw new Error("The CDK was told not to bundle the code of this stack (aws:cdk:bundling-stacks).");\n';
