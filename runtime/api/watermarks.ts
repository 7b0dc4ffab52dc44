import { type Duration, durationMs } from "../graph/duration.ts";
import { jobError } from "../errors/millrace-error.ts";
import type { WatermarkStrategy } from "../graph/watermark-strategy.ts";

export interface TimestampOptions<T> {
  /** Event time in milliseconds since 1970. Default: when the record arrived in the stream. */
  readonly timestamp?: (value: T) => number;
  /** After this long without a record a shard holds nobody's watermark back. Default: it always does. */
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
  idleAfter,
}: TimestampOptions<T>): Pick<WatermarkStrategy<T>, "timestamp" | "idleAfterMs"> {
  const idleAfterMs = idleAfter === undefined ? undefined : durationMs(idleAfter);
  if (idleAfterMs !== undefined && idleAfterMs <= 0)
    throw invalid("idleAfter", idleAfterMs, "above 0");
  return {
    ...(timestamp !== undefined && { timestamp }),
    ...(idleAfterMs !== undefined && { idleAfterMs }),
  };
}

function invalid(name: string, ms: number, right: string): Error {
  return jobError("watermarks-invalid", {
    message: `${name} is ${ms} ms; it must be ${right}.`,
    next: `Write for example ${name}: { minutes: 5 }.`,
  });
}
