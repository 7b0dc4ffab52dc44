import { type Duration, durationMs } from "../graph/duration.ts";
import { jobError } from "../errors/millrace-error.ts";
import type { EventTime } from "../graph/event-time.ts";
import type { WatermarkStrategy } from "../graph/watermark-strategy.ts";

export interface TimestampOptions<T> {
  /**
   * Event time: milliseconds since 1970 as a whole number, a Date, or an ISO 8601 text with its time zone, such as
   * "2026-03-01T12:00:00Z". An element for which it gives anything else is a dead letter. Default: when the record arrived in the stream.
   */
  readonly timestamp?: (value: T) => EventTime;
  /**
   * How far ahead of its record's arrival in the stream an element's time may be. One element far in the future makes all others
   * late. Default: any distance.
   */
  readonly maxAhead?: Duration;
  /** What becomes of an element that is further ahead: it is a dead letter, or gets the latest time that is allowed. Default: "dead-letter". */
  readonly beyondMaxAhead?: "dead-letter" | "clamp";
  /** After more than this without an element a shard holds nobody's watermark back. Default: it always does. */
  readonly idleAfter?: Duration;
}

export interface BoundedOptions<T> extends TimestampOptions<T> {
  /** How much older than the newest element an element may be without being late. Not negative. */
  readonly bound: Duration;
}

/**
 * For elements that come at most `bound` out of order: the watermark stays that far behind the newest.
 * @throws MillraceError `duration-invalid`, `watermarks-invalid`
 */
export function boundedOutOfOrderness<T>(options: BoundedOptions<T>): WatermarkStrategy<T> {
  const boundMs = durationMs(options.bound);
  if (boundMs < 0) throw invalid("bound", boundMs, "at least 0");
  return Object.freeze({ kind: "bounded-out-of-orderness", boundMs, ...common(options) });
}

/**
 * For elements that come in the order of their timestamps within a shard.
 * @throws MillraceError `duration-invalid`, `watermarks-invalid`
 */
export function monotonousTimestamps<T>(options: TimestampOptions<T> = {}): WatermarkStrategy<T> {
  return Object.freeze({ kind: "monotonous", boundMs: 0, ...common(options) });
}

/** For jobs without event time: windows and event timers behind such a source would never fire. */
export function noWatermarks<T>(): WatermarkStrategy<T> {
  return Object.freeze({ kind: "none", boundMs: 0 });
}

function common<T>({
  timestamp,
  maxAhead,
  beyondMaxAhead = "dead-letter",
  idleAfter,
}: TimestampOptions<T>): Omit<WatermarkStrategy<T>, "kind" | "boundMs"> {
  const idleAfterMs = idleAfter === undefined ? undefined : durationMs(idleAfter);
  if (idleAfterMs !== undefined && idleAfterMs <= 0)
    throw invalid("idleAfter", idleAfterMs, "above 0");
  const maxAheadMs = maxAhead === undefined ? undefined : durationMs(maxAhead);
  if (maxAheadMs !== undefined && maxAheadMs < 0)
    throw invalid("maxAhead", maxAheadMs, "at least 0");
  return {
    ...(timestamp !== undefined && { timestamp }),
    ...(maxAheadMs !== undefined && { maxAheadMs, beyondMaxAhead }),
    ...(idleAfterMs !== undefined && { idleAfterMs }),
  };
}

function invalid(name: string, ms: number, right: string): Error {
  return jobError("watermarks-invalid", {
    message: `${name} is ${ms} ms; it must be ${right}.`,
    next: `Write for example ${name}: { minutes: 5 }.`,
  });
}
