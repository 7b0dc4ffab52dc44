import type { WindowAssigner } from "../graph/window-assigner.ts";

/** Windows of one size that begin every `slideMs`; tumbling windows slide by their size. */
export interface FixedWindows {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
}

export type FixedAssigner = Exclude<WindowAssigner, { readonly kind: "session" }>;

/** Tumbling and sliding windows in one shape. */
export function fixedWindows(assigner: FixedAssigner): FixedWindows {
  const { sizeMs, offsetMs } = assigner;
  return { sizeMs, slideMs: assigner.kind === "sliding" ? assigner.slideMs : sizeMs, offsetMs };
}

/**
 * Start of the last window that begins at or before the timestamp; right for negative timestamps as well
 * (Flink: TimeWindow.getWindowStartWithOffset).
 */
export function lastWindowStart(timestampMs: number, windows: FixedWindows): number {
  const remainder = (timestampMs - windows.offsetMs) % windows.slideMs;
  return timestampMs - (remainder < 0 ? remainder + windows.slideMs : remainder);
}
