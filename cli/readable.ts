/** 1234567 → "1,234,567". */
export const readableCount = (count: number): string => Math.round(count).toLocaleString("en");

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** 70336 → "68.7 KiB". */
export function readableBytes(bytes: number): string {
  const power = Math.min(
    units.length - 1,
    bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / Math.log2(1_024)),
  );
  return `${(bytes / 1_024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** 93500 → "1 min 33 s"; -5 counts as 0. */
export function readableDuration(durationMs: number): string {
  const seconds = Math.max(0, durationMs) / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 86_400)
    return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

/** The largest distance from 1970 that a Date can stand for. */
const dateMaxMs = 8.64e15;

/** An event time: ISO, "none" before the first element, "end" at the end. */
export function readableTime(timeMs: number): string {
  if (timeMs === Number.NEGATIVE_INFINITY) return "none";
  if (timeMs === Number.POSITIVE_INFINITY) return "end";
  return Math.abs(timeMs) > dateMaxMs
    ? `${timeMs} ms`
    : new Date(Math.floor(timeMs)).toISOString().replace(".000Z", "Z");
}
