/** How far a stage has come, as a slot says it and as a tick does. */
export interface StageWatermark {
  /** Event time in milliseconds; -Infinity before the first element, +Infinity at the end. */
  readonly ms: number;
  /** All that feeds the stage is idle. */
  readonly idle: boolean;
  /**
   * The stage's own watermark where it is ahead of what it passes on: +Infinity is held back while processing-time timers
   * may still emit (protocol 4.8).
   */
  readonly own?: number;
}

/** Of whoever has said nothing yet: it holds others back. */
export const noWatermark: StageWatermark = { ms: Number.NEGATIVE_INFINITY, idle: false };

/** Of whoever will say nothing any more. */
export const endWatermark: StageWatermark = { ms: Number.POSITIVE_INFINITY, idle: false };

/** How far a stage itself has come; -Infinity where nothing is known. */
export function ownWatermark(watermark: StageWatermark | undefined): number {
  return watermark?.own ?? watermark?.ms ?? Number.NEGATIVE_INFINITY;
}

/**
 * protocol 4.7: what many say together is the minimum of those that are not idle. Where all are idle nobody is waited for, and it is
 * their maximum: the minimum would be that of whoever fell idle first, and would hold back what the others have released.
 * As Flink's StatusWatermarkValve, which flushes the highest watermark of all channels when the last one falls idle.
 */
export function combineWatermarks(all: readonly StageWatermark[]): StageWatermark {
  if (all.length === 0) return noWatermark;
  const active = all.filter(({ idle }) => !idle);
  return active.length === 0
    ? { ms: Math.max(...all.map(({ ms }) => ms)), idle: true }
    : { ms: Math.min(...active.map(({ ms }) => ms)), idle: false };
}

/** The same, of how far they have come themselves. */
export function combineOwnWatermarks(all: readonly (StageWatermark | undefined)[]): StageWatermark {
  return combineWatermarks(
    all.map((watermark) => ({ ms: ownWatermark(watermark), idle: watermark?.idle ?? false })),
  );
}
