import type { TimeWindow } from "./functions.ts";

/** An element of a window, with its event time in milliseconds since 1970. */
export interface Timestamped<T> {
  readonly value: T;
  readonly timestampMs: number;
}

export interface EvictorContext {
  readonly window: TimeWindow;
  /** Watermark of the operator: -Infinity before the first one. */
  readonly watermarkMs: number;
  /** The processing time of this batch. */
  readonly nowMs: number;
}

type Stay<T> = (
  elements: readonly Timestamped<T>[],
  ctx: EvictorContext,
) => readonly Timestamped<T>[];

/**
 * Which elements of a window stay when it gives a result (Flink: Evictor); the others are gone for good. Both functions are given the elements in
 * the order of their arrival, and answer those of them that stay. They must be pure, and must not change elements.
 */
export interface WindowEvictor<T = unknown> {
  /** How messages call it. */
  readonly name: string;
  /** Before the window's function sees them. Default: all stay. */
  readonly before?: Stay<T>;
  /** After the window's function has seen them. Default: all stay. */
  readonly after?: Stay<T>;
}
