import { type Fields, isFields } from "../runtime/serde/fields.ts";
/** A log event as CloudWatch keeps it. */
export interface LogEvent {
  readonly id: string;
  readonly timeMs: number;
  readonly message: string;
}

/** What a line of a function's log says; `level` is in capitals. */
export interface LogEntry {
  readonly timeMs: number;
  readonly level: string;
  readonly message: string;
  readonly slot?: string;
  /** All that it says beside. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * Reads one event: a line of the job's, of its user's code (as Lambda wraps it), or of Lambda itself. Undefined for what is a
 * metric only, and for what Lambda notes about an invocation that went well.
 */
export function logEntry({ timeMs, message }: LogEvent): LogEntry | undefined {
  const fields = fieldsIn(message);
  if (fields === undefined)
    return { timeMs, level: "INFO", message: message.trimEnd(), detail: {} };
  if (typeof fields["type"] === "string" && fields["type"].startsWith("platform."))
    return platformEntry(timeMs, fields);
  if (fields["message"] === undefined && fields["errorMessage"] === undefined) return undefined;
  return ownEntry(timeMs, fields);
}

/** Lambda developer guide, "Working with Lambda function logs": the JSON format and its fields. */
function ownEntry(timeMs: number, fields: Fields): LogEntry {
  const { message, errorType, errorMessage, level = "INFO", detail, ...rest } = fields;
  const { timestamp: _timestamp, timeMs: ownMs, requestId: _request, job: _job, ...more } = rest;
  // Alarms are metrics at the same time.
  const { _aws, code: _code, pipeline: _pipeline, alarms: _alarms, ...others } = more;
  const inner = isFields(detail) ? detail : {};
  const { slot, ...said } = { ...(_aws === undefined ? more : others), ...inner };
  const text = message ?? `${textOf(errorType)}: ${textOf(errorMessage)}`;
  return {
    timeMs: typeof ownMs === "number" ? ownMs : timeMs,
    level: textOf(level).toUpperCase(),
    message: textOf(text),
    ...(typeof slot === "string" ? { slot } : {}),
    detail: said,
  };
}

/** Lambda's own words are worth a line where an invocation was cut off or failed. */
function platformEntry(timeMs: number, { type, record }: Fields): LogEntry | undefined {
  const { status, ...rest } = (record ?? {}) as Fields;
  const failed = typeof status === "string" && status !== "success";
  if (!failed) return undefined;
  const { errorType } = rest;
  return {
    timeMs,
    level: "ERROR",
    message: `${textOf(type)}: ${status}`,
    detail: errorType === undefined ? {} : { errorType },
  };
}

function fieldsIn(message: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** One line: time, level, function, slot, message and whatever else there is. */
export function logText(
  { timeMs, level, message, slot, detail }: LogEntry,
  functionKind: string,
): string {
  const rest = Object.entries(detail).map(([name, value]) => `${name}=${textOf(value)}`);
  const where = slot === undefined ? functionKind : `${functionKind} ${slot}`;
  const line = [new Date(timeMs).toISOString(), level.padEnd(5), where, message, ...rest].join(
    "  ",
  );
  return line.replaceAll(/\s*\n\s*/g, " ⏎ ");
}
