import type { EventTime } from "./event-time.ts";

/** What a watermark generator's functions are given. */
export interface WatermarkContext<S> {
  /** What the generator remembers of its shard: plain data, which may be changed in place or set. It is committed with the watermark. */
  state: S;
  /** Processing time of the batch, in milliseconds since 1970. */
  readonly nowMs: number;
  /**
   * No element before this time comes any more, this time included: a whole number of milliseconds since 1970. One that is not above the watermark
   * so far changes nothing.
   */
  emitWatermark(timestampMs: number): void;
  /** The shard holds nobody's watermark back, until it is active or its watermark rises. */
  markIdle(): void;
  /** It does again. */
  markActive(): void;
}

/** Flink's WatermarkGenerator, with what it remembers as data. Its functions must be pure but for what they do with the context. */
export interface WatermarkGenerator<T, S> {
  /** What it remembers of a shard of which nothing was read. */
  readonly initial: () => S;
  /** After each element has gone on its way, in the order of the shard: for watermarks that elements tell (punctuated). */
  readonly onEvent?: (
    value: T,
    ctx: WatermarkContext<S> & {
      /** Event time of the element. */
      readonly timestampMs: number;
    },
  ) => void;
  /** At the end of each batch, and every {@link everyMs} where there is none; not while the shard is idle by `idleAfter`. */
  readonly onPeriodicEmit?: (ctx: WatermarkContext<S>) => void;
  /** How often `onPeriodicEmit` runs for a shard into which nothing comes, in milliseconds; absent: not at all. */
  readonly everyMs?: number;
}

/** Sources of one group read no further than `maxDriftMs` ahead of the slowest of them, in event time. */
export interface WatermarkAlignment {
  readonly group: string;
  readonly maxDriftMs: number;
}

/** How a source gives its elements timestamps and how its watermark follows them. Plain data and functions. */
export interface WatermarkStrategy<T> {
  readonly kind: "bounded-out-of-orderness" | "monotonous" | "none" | "custom";
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
  /** Absent: it reads as fast as it can. */
  readonly alignment?: WatermarkAlignment;
  /** Of "custom" ones only. What it remembers is of any type. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly generator?: WatermarkGenerator<T, any>;
}
