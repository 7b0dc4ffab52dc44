import type { JobDefinition } from "../runtime/api/job.ts";
import { awsPorts, type AwsPortsOptions } from "../runtime/aws/ports.ts";
import { emfTelemetry, type LogLevel, logLevels } from "../runtime/aws/emf-telemetry.ts";
import { systemClock, systemRandom, zstdCompression } from "../runtime/node/system-environment.ts";
import { zlibDecompression } from "../runtime/node/zlib-decompression.ts";
import { systemHeap, type SystemHeapOptions } from "../runtime/node/system-heap.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
import {
  defaultSlotSettings,
  type JobRuntime,
  type SlotSettings,
} from "../runtime/job/job-runtime.ts";

/** The environment variables that the construct sets on both functions. */
type Variables = Readonly<Record<string, string | undefined>>;

/** A job on AWS, as the function's environment variables describe its resources. */
export function awsRuntime(job: JobDefinition, variables: Variables = process.env): JobRuntime {
  const environment = {
    clock: systemClock,
    random: systemRandom,
    compression: zstdCompression,
    decompression: zlibDecompression,
    heap: systemHeap(memoryOf(variables)),
    telemetry: emfTelemetry({
      clock: systemClock,
      job: job.name,
      pipeline: variables["MILLRACE_PIPELINE"] ?? job.name,
      ...logLevelOf(variables),
    }),
  };
  return {
    graph: job.graph,
    plan: buildPlan(job.graph),
    ports: awsPorts({
      table: required(variables, "MILLRACE_TABLE"),
      bucket: required(variables, "MILLRACE_BUCKET"),
      ...filesPlace(variables),
      ...foreignStreams(variables),
      environment,
    }),
    names: {
      exchangeStream: required(variables, "MILLRACE_EXCHANGE_STREAM"),
      streams: names(variables, "MILLRACE_STREAMS"),
      tables: names(variables, "MILLRACE_TABLES"),
    },
    settings: { ...defaultSlotSettings, ...batchWindow(variables) },
  };
}

/** Absent: the job's bucket. */
function filesPlace(variables: Variables): Pick<AwsPortsOptions, "files"> {
  const { MILLRACE_FILES_BUCKET: bucket, MILLRACE_FILES_PREFIX: prefix = "" } = variables;
  return bucket === undefined ? {} : { files: { bucket, prefix } };
}

/** Absent: as of deployments before there were levels. */
function logLevelOf({ MILLRACE_LOG_LEVEL: text }: Variables): { readonly logLevel?: LogLevel } {
  const logLevel = logLevels.find((level) => level === text);
  if (text === undefined || logLevel !== undefined)
    return logLevel === undefined ? {} : { logLevel };
  throw deploymentError("variable-invalid", {
    message: `The function's environment variable MILLRACE_LOG_LEVEL is "${text}".`,
    next: `It takes ${logLevels.join(", ")}; the construct sets it from logLevel.`,
  });
}

/** Streams of other accounts are called by their ARNs. */
function foreignStreams(variables: Variables): Pick<AwsPortsOptions, "streamName"> {
  if (variables["MILLRACE_STREAM_ARNS"] === undefined) return {};
  const arns = names(variables, "MILLRACE_STREAM_ARNS");
  return { streamName: (stream) => arns[stream] ?? stream };
}

/** What Lambda gives the function. */
function memoryOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: mebibytes }: Variables): SystemHeapOptions {
  const given = Number(mebibytes);
  return given > 0 ? { memoryBytes: given * 1_048_576 } : {};
}

/** protocol 4.6: what waits for its batch is not behind. */
function batchWindow({ MILLRACE_BATCH_WINDOW_MS: text }: Variables): Partial<SlotSettings> {
  return text === undefined ? {} : { batchWindowMs: Number(text) };
}

export function required(variables: Variables, name: string): string {
  const value = variables[name];
  if (value !== undefined && value !== "") return value;
  throw deploymentError("variable-missing", {
    message: `The function's environment variable ${name} is not set.`,
    next: "Deploy the job with the MillracePipeline construct, which sets it.",
  });
}

function names(variables: Variables, name: string): Readonly<Record<string, string>> {
  const text = required(variables, name);
  try {
    return JSON.parse(text) as Readonly<Record<string, string>>;
  } catch (cause) {
    throw deploymentError("variable-invalid", {
      message: `The function's environment variable ${name} is not JSON.`,
      next: "Deploy the job with the MillracePipeline construct, which sets it.",
      cause,
    });
  }
}
