import type { JsonValue } from "../ports/control-table.ts";
import type { Clock, Telemetry } from "../ports/environment.ts";

/** CloudWatch namespace of all metrics. */
export const metricNamespace = "Millrace";
/** The dimension that every metric has: which deployment it is of. */
export const pipelineDimension = "pipeline";

export interface EmfTelemetryOptions {
  readonly clock: Clock;
  /** A field of every line. */
  readonly job: string;
  /** A dimension of every metric: one job may be deployed twice. Default: the job. */
  readonly pipeline?: string;
  /** Least level that is written. Default: `info`. */
  readonly logLevel?: LogLevel;
  /** Takes one line without its end. Default: standard output, which Lambda sends to CloudWatch Logs. */
  readonly write?: (line: string) => void;
}

export type LogLevel = Parameters<Telemetry["log"]>[0];
type Fields = Readonly<Record<string, JsonValue>>;

/** From the least on. */
export const logLevels = ["debug", "info", "warn", "error"] as const satisfies readonly LogLevel[];
const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const secretName =
  /secret|password|passwd|token|credential|authorization|api[-_]?key|access[-_]?key/i;

/**
 * Metrics and structured logs as JSON lines in CloudWatch's embedded metric format (EMF specification, version
 * "Metrics with Dimensions"): no call, no permission, no buffer that a frozen Lambda could lose.
 * An alarm is an `error` line with its code, and a count of the metric `alarms` by `code`.
 * Values whose name sounds like a secret are not written.
 */
export function emfTelemetry(options: EmfTelemetryOptions): Telemetry {
  const { clock, job, pipeline = job, logLevel = "info" } = options;
  const write = options.write ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const emit = (fields: () => object) => {
    try {
      write(JSON.stringify(fields(), withoutSecrets));
    } catch {
      // Telemetry never fails its caller; there is nowhere left to say so.
    }
  };
  const metric = ({ name, value, dimensions, fields }: Metric) => ({
    _aws: {
      Timestamp: clock.nowMs(),
      CloudWatchMetrics: [
        {
          Namespace: metricNamespace,
          Dimensions: [[pipelineDimension, ...Object.keys(dimensions)]],
          Metrics: [{ Name: name, Unit: unitOf(name) }],
        },
      ],
    },
    ...fields,
    ...dimensions,
    [pipelineDimension]: pipeline,
    job,
    [name]: value,
  });
  const line = (level: LogLevel, message: string) => ({
    timeMs: clock.nowMs(),
    level,
    job,
    message,
  });
  return {
    count(name, value, dimensions = {}) {
      if (Number.isFinite(value)) emit(() => metric({ name, value, dimensions, fields: {} }));
      else
        emit(() => ({ ...line("warn", `The metric ${name} is not a finite number: ${value}.`) }));
    },
    alarm(code, detail) {
      const fields = { level: "error", message: `alarm ${code}`, detail };
      emit(() => metric({ name: "alarms", value: 1, dimensions: { code }, fields }));
    },
    log(level, message, detail) {
      if (severity[level] < severity[logLevel]) return;
      emit(() => ({ ...line(level, message), ...(detail && { detail }) }));
    },
  };
}

interface Metric {
  readonly name: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly fields: Fields;
}

/** Names end in their unit. */
function unitOf(name: string): string {
  if (name.endsWith("Ms")) return "Milliseconds";
  if (name.endsWith("Bytes")) return "Bytes";
  return name.endsWith("Percent") ? "Percent" : "Count";
}

function withoutSecrets(name: string, value: unknown): unknown {
  return secretName.test(name) && typeof value === "string" ? "(not logged)" : value;
}
