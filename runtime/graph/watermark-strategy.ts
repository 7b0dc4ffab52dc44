import type { EventTime } from "./event-time.ts";

/** How a source gives its elements timestamps and how its watermark follows them. Plain data and a function. */
export interface WatermarkStrategy<T> {
  readonly kind: "bounded-out-of-orderness" | "monotonous" | "none";
  /** How far behind the highest timestamp elements may come, in milliseconds (0 for monotonous). */
  readonly boundMs: number;
  /** Event time; absent: the time at which the record arrived in the stream. */
  readonly timestamp?: (value: T) => EventTime;
  /** How far ahead of its record's arrival an element's time may be, in milliseconds; absent: any distance. */
  readonly maxAheadMs?: number;
  /** What becomes of one that is further ahead. */
  readonly beyondMaxAhead?: "dead-letter" | "clamp";
  /** After this long without a record the source holds nobody's watermark back; absent: never idle. */
  readonly idleAfterMs?: number;
}
