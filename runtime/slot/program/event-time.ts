import { timeMaxMs } from "../../graph/event-time.ts";
import { isoTimeMs } from "./iso-time.ts";

/** What a `timestamp` function gave, in milliseconds since 1970; a text says why it is no time. */
export function eventTimeMs(given: unknown): number | string {
  if (typeof given === "number") return numberMs(given);
  if (typeof given === "string")
    return (
      isoTimeMs(given) ?? `its timestamp is ${quoted(given)}: no ISO 8601 time with a time zone`
    );
  if (given instanceof Date) {
    const ms = given.getTime();
    return Number.isNaN(ms) ? "its timestamp is an invalid Date" : ms;
  }
  return `its timestamp is ${given === null ? "null" : given === undefined ? "undefined" : `of type ${typeof given}`}`;
}

function numberMs(ms: number): number | string {
  if (Number.isInteger(ms) && ms <= timeMaxMs && ms >= -timeMaxMs) return ms;
  if (!Number.isFinite(ms)) return `its timestamp is ${ms}`;
  const unit = likelyUnit(ms);
  const hint = unit === undefined ? "" : `; it may be in ${unit}`;
  return Number.isInteger(ms)
    ? `its timestamp is ${ms}, more than ${timeMaxMs} ms from 1970${hint}`
    : `its timestamp is ${ms}, no whole number of milliseconds since 1970${hint}`;
}

const earliestLikelyMs = Date.UTC(1980, 0);
const latestLikelyMs = Date.UTC(2200, 0);
const msByUnit = [
  ["seconds", 1_000],
  ["microseconds", 1 / 1_000],
  ["nanoseconds", 1 / 1_000_000],
] as const;

/** Whether something of today's world can have happened then. */
export function isLikelyTime(ms: number): boolean {
  return ms >= earliestLikelyMs && ms < latestLikelyMs;
}

/** The unit in which a number is a likely time, where milliseconds are none; undefined where no unit is. */
export function likelyUnit(ms: number): string | undefined {
  if (isLikelyTime(ms)) return undefined;
  return msByUnit.find(([, unitMs]) => isLikelyTime(ms * unitMs))?.[0];
}

/** So much of a text is shown. */
const shownMaxLength = 60;

function quoted(text: string): string {
  return JSON.stringify(text.length > shownMaxLength ? `${text.slice(0, shownMaxLength)}…` : text);
}
