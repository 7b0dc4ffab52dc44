/**
 * A date, or a date and a time with its offset from UTC: ISO 8601-1:2019 in the profile of RFC 3339 (5.6), seconds optional. A time
 * without an offset is one in every time zone, so it is none here.
 */
const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d)))?$/i;

/** Milliseconds since 1970, the rest of finer fractions cut off; undefined where the text is no such time, as "2024-02-30" is none. */
export function isoTimeMs(text: string): number | undefined {
  const found = isoTime.exec(text);
  if (found === null) return undefined;
  const part = (at: number): number => Number(found[at] ?? 0);
  const [year, month, day, hours, minutes, seconds] = [1, 2, 3, 4, 5, 6].map(part) as Six;
  const [offsetHours, offsetMinutes] = [part(9), part(10)];
  if (hours > 23 || minutes > 59 || seconds > 59 || offsetHours > 23 || offsetMinutes > 59)
    return undefined;
  const dayMs = midnightMs(year, month, day);
  if (dayMs === undefined) return undefined;
  const fractionMs = Number((found[7] ?? "").padEnd(3, "0").slice(0, 3));
  const offsetMs = (found[8] === "-" ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  return dayMs + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + fractionMs - offsetMs;
}

type Six = [number, number, number, number, number, number];

/** The beginning of a day; undefined where the month has no such day. */
function midnightMs(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  // Not Date.UTC, which takes years below 100 for years of the twentieth century.
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}
