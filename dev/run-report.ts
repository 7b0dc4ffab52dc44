import { quietTelemetry } from "../runtime/embedded/console-telemetry.ts";
import { isMillraceError, messageOf } from "../runtime/errors/millrace-error.ts";
import type { Telemetry } from "../runtime/ports/index.ts";

/** Something that went wrong while a job runs and does not end it: plain data, so that it can cross threads. */
export interface RunReport {
  /** "error": a batch failed and is handed over again. "alarm": the runtime asks for attention, e.g. dead letters. */
  readonly kind: "error" | "alarm";
  /** The error's or alarm's stable code; "batch-failed" where the error has none. */
  readonly code: string;
  readonly message: string;
}

export function reportOfError(thrown: unknown): RunReport {
  const code = isMillraceError(thrown) ? thrown.code : "batch-failed";
  return { kind: "error", code, message: messageOf(thrown) };
}

/** Reports alarms and drops the rest. */
export function reportingTelemetry(report: (report: RunReport) => void): Telemetry {
  return {
    ...quietTelemetry,
    alarm: (code, detail) => report({ kind: "alarm", code, message: JSON.stringify(detail) }),
  };
}
