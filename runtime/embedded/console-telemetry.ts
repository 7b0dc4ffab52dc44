import { messageOf } from "../errors/millrace-error.ts";
import type { Clock, Telemetry } from "../ports/environment.ts";
import { systemClock } from "../node/system-environment.ts";

export type LogLevel = Parameters<Telemetry["log"]>[0];

export interface ConsoleTelemetryOptions {
  /** Logs below it are dropped; alarms never are. Default: "info". */
  readonly minLevel?: LogLevel;
  /** Whether counts are written too. Default: false. */
  readonly metrics?: boolean;
  /** Where a line goes. Default: the standard error. */
  readonly write?: (line: string) => void;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** One line of JSON per log, alarm and, if asked for, count. */
export function consoleTelemetry(options: ConsoleTelemetryOptions = {}): Telemetry {
  const { minLevel = "info", metrics = false, clock = systemClock } = options;
  const write = options.write ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const emit = (content: object) => {
    try {
      write(lineOf({ time: new Date(clock.nowMs()).toISOString(), ...content }));
    } catch {
      // Telemetry never throws (its port says so): a closed pipe must not stop the job.
    }
  };
  return {
    count: (metric, value, dimensions) => {
      if (metrics) emit({ metric, value, ...(dimensions && { dimensions }) });
    },
    alarm: (code, detail) => emit({ level: "error", alarm: code, detail }),
    log: (level, message, detail) => {
      if (levels.indexOf(level) >= levels.indexOf(minLevel))
        emit({ level, message, ...(detail && { detail }) });
    },
  };
}

/** Drops everything. */
export const quietTelemetry: Telemetry = { count() {}, alarm() {}, log() {} };

function lineOf(content: object): string {
  try {
    return JSON.stringify(content);
  } catch (error) {
    return JSON.stringify({ level: "error", message: `unprintable: ${messageOf(error)}` });
  }
}
