import { type Duration, durationMs } from "../graph/duration.ts";
import { jobError } from "../errors/millrace-error.ts";
import type { WindowAssigner } from "../graph/window-assigner.ts";
import { positiveMs } from "./above-zero.ts";

type Assigner<Kind extends WindowAssigner["kind"]> = Extract<
  WindowAssigner,
  { readonly kind: Kind }
>;

/**
 * Windows of one size, side by side, aligned to 1970-01-01T00:00Z plus `offset`.
 * @throws MillraceError `duration-invalid`, `window-invalid` unless size > 0 and |offset| < size.
 */
export function tumblingWindows({
  size,
  offset = {},
  time,
  stagger,
}: TumblingOptions & ByTime & Staggered): Assigner<"tumbling"> {
  const sizeMs = positiveMs("size", size);
  const offsetMs = offsetBelow(sizeMs, "size", offset);
  const staggered = stagger === "keys" ? { stagger } : {};
  return Object.freeze({ kind: "tumbling", sizeMs, offsetMs, ...byTime(time), ...staggered });
}

export interface Staggered {
  /** "keys": windows of each key begin at another time, which follows from the key, so that not all results come at once. Default: "aligned". */
  readonly stagger?: "aligned" | "keys";
}

export interface ByTime {
  /** "processing": elements belong to the windows of the moment in which they are taken, and none is late. Default: event time. */
  readonly time?: "event" | "processing";
}

function byTime(time: ByTime["time"]): { readonly time?: "processing" } {
  return time === "processing" ? { time } : {};
}

export interface TumblingOptions {
  readonly size: Duration;
  /** For windows that begin elsewhere than at full sizes since 1970, for example local midnight. Default: none. */
  readonly offset?: Duration;
}

/**
 * Windows of one size that begin every `slide`: they overlap where it is shorter, and leave gaps where it is longer.
 * Each element goes into size / slide of them, which may be 10,000 at most.
 * @throws MillraceError `duration-invalid`, `window-invalid` unless size > 0, slide > 0 and |offset| < slide.
 */
export function slidingWindows({
  size,
  slide,
  offset = {},
  time,
}: SlidingOptions & ByTime): Assigner<"sliding"> {
  const sizeMs = positiveMs("size", size);
  const slideMs = positiveMs("slide", slide);
  if (sizeMs / slideMs > windowsPerElementMax) throw tooManyWindows(sizeMs, slideMs);
  const offsetMs = offsetBelow(slideMs, "slide", offset);
  return Object.freeze({ kind: "sliding", sizeMs, slideMs, offsetMs, ...byTime(time) });
}

export interface SlidingOptions extends TumblingOptions {
  readonly slide: Duration;
}

/**
 * Windows that begin together and end a `step` after each other, up to `size`: a day's sum up to each hour. Each element goes into
 * those that end behind it, size / step of them at most, which may be 10,000.
 * @throws MillraceError `duration-invalid`, `window-invalid` unless size is a multiple of step, step > 0 and |offset| < size.
 */
export function cumulativeWindows({
  size,
  step,
  offset = {},
}: CumulativeOptions): Assigner<"cumulative"> {
  const sizeMs = positiveMs("size", size);
  const stepMs = positiveMs("step", step);
  if (sizeMs % stepMs !== 0) throw unevenSteps(sizeMs, stepMs);
  if (sizeMs / stepMs > windowsPerElementMax) throw tooManyWindows(sizeMs, stepMs);
  const offsetMs = offsetBelow(sizeMs, "size", offset);
  return Object.freeze({ kind: "cumulative", sizeMs, stepMs, offsetMs });
}

export interface CumulativeOptions extends TumblingOptions {
  readonly step: Duration;
}

function unevenSteps(sizeMs: number, stepMs: number): Error {
  return jobError("window-invalid", {
    message: `The size of a window is ${sizeMs} ms, which is no multiple of its step, ${stepMs} ms.`,
    next: "Write for example size: { days: 1 }, step: { hours: 1 }.",
  });
}

/**
 * Windows that end once nothing has come for `gap`.
 * @throws MillraceError `duration-invalid`, `window-invalid` unless gap > 0.
 */
export function sessionWindows({ gap, time }: SessionOptions & ByTime): Assigner<"session"> {
  return Object.freeze({ kind: "session", gapMs: positiveMs("gap", gap), ...byTime(time) });
}

export interface SessionOptions {
  readonly gap: Duration;
}

/**
 * Sessions in which each element says how long is waited for the next one: `gap` must be above 0, or the element goes to the dead letters. Flink's
 * sessions `withDynamicGap`.
 */
export function dynamicSessionWindows<T>({
  gap,
  time,
}: DynamicSessionOptions<T> & ByTime): DynamicSessions<T> {
  return Object.freeze({ kind: "dynamic-session", gap, ...byTime(time) });
}

export interface DynamicSessionOptions<T> {
  readonly gap: (value: T) => Duration;
}

type DynamicSessions<T> = Extract<WindowAssigner<T>, { readonly kind: "dynamic-session" }>;

/**
 * Days, weeks or months as clocks of a time zone show them: where clocks are changed a day has 23 or 25 hours. Windows of event time.
 * @example calendarWindows({ unit: "day", timeZone: "Europe/Berlin" })
 * @throws MillraceError `window-invalid` for a zone that there isn't.
 */
export function calendarWindows({
  unit,
  timeZone,
  firstDay = 1,
}: CalendarOptions): Assigner<"calendar"> {
  if (!isTimeZone(timeZone)) throw unknownZone(timeZone);
  if (!Number.isInteger(firstDay) || firstDay < 1 || firstDay > 7) throw unknownDay(firstDay);
  return Object.freeze({ kind: "calendar", unit, timeZone, firstDay });
}

export interface CalendarOptions {
  readonly unit: "day" | "week" | "month";
  /** IANA name, for example "Europe/Berlin" or "UTC". */
  readonly timeZone: string;
  /** First day of weeks: 1 is Monday, 7 is Sunday. Default: 1. */
  readonly firstDay?: number;
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function unknownZone(timeZone: string): Error {
  return jobError("window-invalid", {
    message: `There is no time zone ${JSON.stringify(timeZone)}.`,
    next: 'Give an IANA name, for example "Europe/Berlin" or "UTC".',
  });
}

function unknownDay(firstDay: number): Error {
  return jobError("window-invalid", {
    message: `Weeks are to begin with day ${String(firstDay)}; days are numbered from 1, Monday, to 7, Sunday.`,
    next: "Write for example firstDay: 7.",
  });
}

/**
 * One window for all of time, for a trigger that says when it gives results: without one it never does. Its results have the time of the element or
 * timer that they are given with. Flink's GlobalWindows.
 */
export function globalWindows(): Assigner<"global"> {
  return Object.freeze({ kind: "global" });
}

/** A slot would be busy with one element for seconds, or for ever. */
const windowsPerElementMax = 10_000;

function tooManyWindows(sizeMs: number, slideMs: number): Error {
  return jobError("window-invalid", {
    message: `Windows of ${sizeMs} ms that slide or grow by ${slideMs} ms take each element ${Math.ceil(sizeMs / slideMs)} times; it may be ${windowsPerElementMax} times at most.`,
    next: "Slide or grow by more; or keep counts of small tumbling windows, and sum those up that are near.",
  });
}

function offsetBelow(limitMs: number, limit: string, offset: Duration): number {
  const ms = durationMs(offset);
  if (Math.abs(ms) < limitMs) return ms;
  throw jobError("window-invalid", {
    message: `The offset of a window is ${ms} ms; it must be smaller than the ${limit}, ${limitMs} ms.`,
    next: `Take the remainder: windows repeat every ${limitMs} ms.`,
  });
}
