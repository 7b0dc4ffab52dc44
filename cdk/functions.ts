import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal, type PolicyStatement } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as Lambda,
  LoggingFormat,
  Runtime,
  Tracing,
  type FunctionProps,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, type ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { DISABLE_ASSET_STAGING_CONTEXT } from "aws-cdk-lib/cx-api";
import { acknowledge } from "./acknowledged-findings.ts";
import { bundleJob } from "../bundle/bundle-job.ts";
import { type FunctionNetwork, networkStatements } from "./network.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";

export interface JobFunctionProps {
  readonly kind: "process" | "coordinator" | "api";
  readonly settings: PipelineSettings;
  readonly network: FunctionNetwork;
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
  { kind, settings, network, description, environment, statements, limits }: JobFunctionProps,
): JobFunction {
  const logGroup = createLogGroup(scope, `${id}Log`, settings);
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    description: `Millrace: ${description}`,
  });
  logGroup.grantWrite(role);
  for (const statement of [...statements, ...networkStatements(scope, settings)])
    role.addToPolicy(statement);
  const { code, bytes } = codeOf(scope, settings.entry, kind);
  const created = new Lambda(scope, id, {
    ...limits,
    ...network,
    ...watching(settings),
    code,
    role,
    logGroup,
    description,
    handler: "index.handler",
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    loggingFormat: LoggingFormat.JSON,
    environment: { ...settings.environment, ...environment },
    ...(settings.encryptionKey && { environmentEncryption: settings.encryptionKey }),
  });
  acknowledge(created, { ...(!settings.tracing && untraced), ...unkeptEvents[kind] });
  // With staging disabled the assembly points at the folder instead of a copy.
  if (!scope.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT))
    rmSync(code.path, { recursive: true, force: true });
  return { function: created, role, logGroup, bundleBytes: bytes };
}

function createLogGroup(scope: Construct, id: string, settings: PipelineSettings): ILogGroup {
  const { logRetention: retention, removalPolicy, encryptionKey, deletionProtection } = settings;
  return new LogGroup(scope, id, {
    retention,
    removalPolicy,
    ...(encryptionKey && { encryptionKey }),
    ...(deletionProtection && { deletionProtectionEnabled: true }),
  });
}

/**
 * Lambda drops what is below its own level, and takes lines without a level, such as metrics, for "info": so its level is never raised
 * above that.
 */
function watching({ tracing, logLevel }: PipelineSettings): Partial<FunctionProps> {
  return {
    ...(tracing && { tracing: Tracing.ACTIVE }),
    ...(logLevel === "debug" && { applicationLogLevelV2: ApplicationLogLevel.DEBUG }),
  };
}

const untraced = {
  "Serverless-LambdaTracing":
    "Logs and metrics name slots and versions; tracing every batch would cost more than it tells.",
};

const nextStart =
  "The next start is a minute away, and an old one must not be kept; the alarm CoordinatorSilent tells.";

const asksAgain = "Its URL is called by whoever waits for the answer, and sees that there is none.";

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
  api: {
    "Serverless-LambdaDLQ": asksAgain,
    "Serverless-LambdaAsyncFailureDestination": asksAgain,
  },
};

/**
 * A folder of its own; the function copies it, by its content's hash, into the cloud assembly. The code of a stack that is only listed or
 * deleted, or is not among those that are deployed, is not bundled: the CDK tells of which stacks it is needed.
 */
function codeOf(scope: Construct, entry: string, kind: JobFunctionProps["kind"]) {
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
