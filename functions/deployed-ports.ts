import { emfTelemetry, type LogLevel, logLevels } from "../runtime/aws/emf-telemetry.ts";
import { awsPorts, type AwsPortsOptions } from "../runtime/aws/ports.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import { systemClock, systemRandom, zstdCompression } from "../runtime/node/system-environment.ts";
import { systemHeap, type SystemHeapOptions } from "../runtime/node/system-heap.ts";
import { zlibDecompression } from "../runtime/node/zlib-decompression.ts";
import type { Ports } from "../runtime/ports/index.ts";
import { namesIn, required, type Variables } from "./variables.ts";

/** The ports of a deployed job, as the function's environment variables describe its resources. */
export function deployedPorts(job: string, variables: Variables): Ports {
  return awsPorts({
    table: required(variables, "MILLRACE_TABLE"),
    bucket: required(variables, "MILLRACE_BUCKET"),
    ...filesPlace(variables),
    ...foreignStreams(variables),
    environment: {
      clock: systemClock,
      random: systemRandom,
      compression: zstdCompression,
      decompression: zlibDecompression,
      heap: systemHeap(memoryOf(variables)),
      telemetry: emfTelemetry({
        clock: systemClock,
        job,
        pipeline: variables["MILLRACE_PIPELINE"] ?? job,
        ...logLevelOf(variables),
      }),
    },
  });
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
  const arns = namesIn(variables, "MILLRACE_STREAM_ARNS");
  return { streamName: (stream) => arns[stream] ?? stream };
}

/** What Lambda gives the function. */
function memoryOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: mebibytes }: Variables): SystemHeapOptions {
  const given = Number(mebibytes);
  return given > 0 ? { memoryBytes: given * 1_048_576 } : {};
}
