export interface Axis {
  readonly fromMs: number;
  readonly toMs: number;
  /** Where a moment stands, from 0 at the begin to 1 at the end. */
  readonly shareOf: (ms: number) => number;
  readonly ticksMs: readonly number[];
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Distances of ticks at which clocks are read. */
const stepsMs = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((seconds) => seconds * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 3, 6, 12].map((hours) => hours * hourMs),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * dayMs),
];

const spanMinMs = secondMs;

/** An axis of time over moments, with a little room on both sides and at most so many ticks. */
export function axisOf(momentsMs: readonly number[], ticksMax: number): Axis {
  const first = Math.min(...momentsMs);
  const last = Math.max(...momentsMs);
  const roomMs = Math.max(spanMinMs, last - first) * 0.02;
  const fromMs = first - roomMs;
  const spanMs = Math.max(spanMinMs, last - first) + 2 * roomMs;
  const stepMs = stepsMs.find((step) => spanMs / step <= ticksMax) ?? stepsMs.at(-1)!;
  const ticksMs: number[] = [];
  for (let tick = Math.ceil(fromMs / stepMs) * stepMs; tick <= fromMs + spanMs; tick += stepMs)
    ticksMs.push(tick);
  return { fromMs, toMs: fromMs + spanMs, shareOf: (ms) => (ms - fromMs) / spanMs, ticksMs };
}
