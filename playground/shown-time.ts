import type { WrittenMs } from "../runtime/job/progress.ts";

/** A time of the run as text: "08:01:20", with milliseconds where it has some, in UTC; "none" before the first, "end" behind the last. */
export function shownTime(time: WrittenMs): string {
  if (typeof time !== "number") return time;
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return String(time);
  return at.toISOString().slice(11, at.getUTCMilliseconds() === 0 ? 19 : 23);
}

/** A window as text: from its start to its end. */
export function shownWindowTimes({
  startMs,
  endMs,
}: {
  readonly startMs: number;
  readonly endMs: number;
}): string {
  return `${shownTime(startMs)}–${shownTime(endMs)}`;
}

/** A key or a value as short text. */
export function shownValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
