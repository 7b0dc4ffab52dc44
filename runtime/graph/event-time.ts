/** A moment: milliseconds since 1970 as a whole number, a Date, or an ISO 8601 text with its time zone. */
export type EventTime = number | Date | string;

/** Times lie within this many milliseconds of 1970, as in ECMAScript (Time Values and Time Range). */
export const timeMaxMs = 8_640_000_000_000_000;

/** Event time where there is none but the watermark: before the first and behind the last there is no moment that it would be. */
export function momentOf(watermarkMs: number): number {
  return Math.max(-timeMaxMs, Math.min(watermarkMs, timeMaxMs));
}
