import { type Duration, durationMs } from "../graph/duration.ts";
import { jobError } from "../errors/millrace-error.ts";
import type { EventTime } from "../graph/event-time.ts";
import type {
  WatermarkContext,
  WatermarkGenerator,
  WatermarkStrategy,
} from "../graph/watermark-strategy.ts";

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
  /**
   * Sources, and shards, of the same `group` wait for each other: one whose watermark is more than `maxDrift` ahead of the slowest takes no further
   * batch. Flink's `withWatermarkAlignment`. Where sources of a group differ the smallest `maxDrift` counts. Default: nobody waits.
   */
  readonly alignment?: { readonly group: string; readonly maxDrift: Duration };
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

export interface CustomWatermarksOptions<T, S> extends TimestampOptions<T> {
  /** What the generator remembers of a shard of which nothing was read: plain data. */
  readonly initial: () => S;
  /**
   * Sees each element when it has gone on its way, in the order of the shard: for watermarks that elements tell. What it throws makes the element a
   * dead letter.
   */
  readonly onEvent?: WatermarkGenerator<T, S>["onEvent"];
  /**
   * Runs at the end of each batch of the shard, unless it is idle by `idleAfter`. What it throws is a dead letter, and leaves state and watermark as
   * they were.
   */
  readonly onPeriodicEmit?: (ctx: WatermarkContext<S>) => void;
  /**
   * How often `onPeriodicEmit` runs for a shard into which nothing comes: each is an invocation. Default: not at all, so that time stands still where
   * nothing comes.
   */
  readonly every?: Duration;
}

/**
 * Watermarks by functions of your own: Flink's `forGenerator`. What the generator remembers is committed with each batch, so that it is the same
 * after cold starts, failures and restores; children of a split go on with a copy, and where shards are merged with that of the lower watermark.
 * @example customWatermarks({ initial: () => ({}), onEvent: ({ closesMs }, ctx) => closesMs && ctx.emitWatermark(closesMs) })
 * @throws MillraceError `duration-invalid`, `watermarks-invalid`
 */
export function customWatermarks<T, S = undefined>(
  options: CustomWatermarksOptions<T, S>,
): WatermarkStrategy<T> {
  const { initial, onEvent, onPeriodicEmit, every } = options;
  if (onEvent === undefined && onPeriodicEmit === undefined) throw silent();
  const everyMs = every === undefined ? undefined : durationMs(every);
  if (everyMs !== undefined && everyMs <= 0) throw invalid("every", everyMs, "above 0");
  const generator: WatermarkGenerator<T, S> = Object.freeze({
    initial,
    ...(onEvent !== undefined && { onEvent }),
    ...(onPeriodicEmit !== undefined && { onPeriodicEmit }),
    ...(everyMs !== undefined && { everyMs }),
  });
  return Object.freeze({ kind: "custom", boundMs: 0, ...common(options), generator });
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
  alignment,
}: TimestampOptions<T>): Omit<WatermarkStrategy<T>, "kind" | "boundMs"> {
  const idleAfterMs = idleAfter === undefined ? undefined : durationMs(idleAfter);
  if (idleAfterMs !== undefined && idleAfterMs <= 0)
    throw invalid("idleAfter", idleAfterMs, "above 0");
  const maxAheadMs = maxAhead === undefined ? undefined : durationMs(maxAhead);
  if (maxAheadMs !== undefined && maxAheadMs < 0)
    throw invalid("maxAhead", maxAheadMs, "at least 0");
  const maxDriftMs = alignment === undefined ? 0 : durationMs(alignment.maxDrift);
  if (maxDriftMs < 0) throw invalid("maxDrift", maxDriftMs, "at least 0");
  return {
    ...(alignment !== undefined && {
      alignment: Object.freeze({ group: alignment.group, maxDriftMs }),
    }),
    ...(timestamp !== undefined && { timestamp }),
    ...(maxAheadMs !== undefined && { maxAheadMs, beyondMaxAhead }),
    ...(idleAfterMs !== undefined && { idleAfterMs }),
  };
}

function silent(): Error {
  return jobError("watermarks-invalid", {
    message:
      "A generator of watermarks has neither onEvent nor onPeriodicEmit: it would never emit one.",
    next: "Give it one of them, or take noWatermarks() where there is no event time.",
  });
}

function invalid(name: string, ms: number, right: string): Error {
  return jobError("watermarks-invalid", {
    message: `${name} is ${ms} ms; it must be ${right}.`,
    next: `Write for example ${name}: { minutes: 5 }.`,
  });
}
