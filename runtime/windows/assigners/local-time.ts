/** A day of the proleptic Gregorian calendar; months from 1. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const dayMs = 86_400_000;

/** Days since 1970-01-01. A month behind the twelfth is one of the next year. */
export function dayNumber({ year, month, day }: Day): number {
  // The years from 0 to 99 would be taken for those of the twentieth century.
  return new Date(0).setUTCFullYear(year, month - 1, day) / dayMs;
}

export function dayOfNumber(number: number): Day {
  const date = new Date(number * dayMs);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** What clocks on a wall of a time zone show. @throws RangeError for a zone that there isn't */
export function localTime(timeZone: string) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });

  /** What they show, as if it were UTC. */
  function shownMs(ms: number): number {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const at = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const year = parts.get("era") === "BC" ? 1 - at("year") : at("year");
    const days = dayNumber({ year, month: at("month"), day: at("day") });
    return days * dayMs + at("hour") * 3_600_000 + at("minute") * 60_000 + at("second") * 1_000;
  }

  /** The number of the day that they show. */
  const numberAt = (ms: number): number => Math.floor(shownMs(ms) / dayMs);

  return {
    dayAt: (ms: number): Day => dayOfNumber(numberAt(ms)),
    /** The first moment at which they show the day, or a later one where the zone left it out. */
    startOf(day: Day): number {
      const number = dayNumber(day);
      // No zone is further from UTC than a day, nor changes its clocks by more.
      let before = number * dayMs - 2 * dayMs;
      let behind = number * dayMs + 2 * dayMs;
      // By halves: from day to day clocks don't go back, though within one they may.
      while (behind - before > 1_000) {
        const middle = Math.floor((before + behind) / 2_000) * 1_000;
        if (numberAt(middle) < number) before = middle;
        else behind = middle;
      }
      return behind;
    },
  };
}
