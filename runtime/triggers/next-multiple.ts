/** The first multiple of an interval behind a time. */
export function nextMultiple(timeMs: number, intervalMs: number): number {
  return Math.floor(timeMs / intervalMs) * intervalMs + intervalMs;
}

/** Behind the end of the input nothing comes that would be new at a multiple: only the end of the window is left. */
export function endOfInputNext(watermarkMs: number, lastMs: number): number | undefined {
  return watermarkMs === Number.POSITIVE_INFINITY ? lastMs : undefined;
}
