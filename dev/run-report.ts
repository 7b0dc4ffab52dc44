import { quietTelemetry } from "../runtime/embedded/console-telemetry.ts";
import { printedCode } from "../runtime/connectors/print-sink.ts";
import { isMillraceError, messageOf } from "../runtime/errors/millrace-error.ts";
import type { Telemetry } from "../runtime/ports/index.ts";

/** Something that went wrong while a job runs and does not end it: plain data, so that it can cross threads. */
export interface RunReport {
  /**
   * "error": a batch failed and is handed over again. "alarm": the runtime asks for attention, e.g. dead letters. "warning": the job may
   * not do what was meant. "printed": a line of a print sink.
   */
  readonly kind: "error" | "alarm" | "warning" | "printed";
  /** The error's or alarm's stable code; "batch-failed" where the error has none. */
  readonly code: string;
  readonly message: string;
  /** Of an alarm of the runtime: what its message says, by name. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export function reportOfError(thrown: unknown): RunReport {
  const code = isMillraceError(thrown) ? thrown.code : "batch-failed";
  return { kind: "error", code, message: messageOf(thrown) };
}

/** `epoch 1/3, reason …`. */
function messageOfDetail(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

/** Reports alarms, what is printed, and warnings that have a code; drops the rest. */
export function reportingTelemetry(report: (report: RunReport) => void): Telemetry {
  return {
    ...quietTelemetry,
    log: (level, message, given) => {
      const { code, ...detail } = given ?? {};
      if (code === printedCode) report({ kind: "printed", code, message });
      if (level === "warn" && typeof code === "string")
        report({
          kind: "warning",
          code,
          message: `${message}: ${messageOfDetail(detail)}`,
          detail,
        });
    },
    alarm: (code, detail) =>
      report({ kind: "alarm", code, message: messageOfDetail(detail), detail }),
  };
}
