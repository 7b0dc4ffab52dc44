import type { WindowAssigner } from "../../graph/window-assigner.ts";
import { failIn } from "../../operators/contract.ts";
import { windowName } from "../../graph/window-name.ts";
import type { AssignedWindow, Assigner } from "./assigner.ts";
import { type Day, dayNumber, dayOfNumber, localTime } from "./local-time.ts";

/** To find a window takes dozens of looks at the calendar. */
const rememberedMax = 64;

type Calendar = Extract<WindowAssigner, { readonly kind: "calendar" }>;

/**
 * Days, weeks and months as clocks on a wall count them: a day has 23 or 25 hours where clocks are changed, and begins at the first moment that has its
 * date, which need not be midnight. Time zones are those of the JavaScript engine (Intl).
 */
export function calendarWindows(
  { unit, timeZone, firstDay }: Calendar,
  operator: string,
): Assigner {
  const local = localTime(timeZone);
  const remembered: AssignedWindow[] = [];
  let last: AssignedWindow = { startMs: 0, endMs: 0 };

  function windowOf(day: Day, timestampMs: number): AssignedWindow {
    const first = firstDayOf(day, unit, firstDay);
    const next = dayAfter(first, unit);
    const [startMs, endMs] = [local.startOf(first), local.startOf(next)];
    // Where clocks go back over midnight a date is shown twice: a moment belongs to the window in whose time it is.
    if (timestampMs >= endMs) return windowOf(next, timestampMs);
    if (timestampMs < startMs) return windowOf(dayOfNumber(dayNumber(first) - 1), timestampMs);
    return { startMs, endMs, name: windowName({ startMs, endMs }) };
  }

  /** At either end of all time there is a moment that no date is before or behind. */
  function wholeWindowOf(timestampMs: number): AssignedWindow {
    let window: AssignedWindow | undefined;
    try {
      window = windowOf(local.dayAt(timestampMs), timestampMs);
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
    }
    if (window !== undefined && Number.isFinite(window.endMs - window.startMs)) return window;
    return failIn(
      operator,
      new RangeError(`The time ${timestampMs} of an element has no whole ${unit} of ${timeZone}.`),
    );
  }

  function windowAt(timestampMs: number): AssignedWindow {
    const isIn = ({ startMs, endMs }: AssignedWindow) =>
      timestampMs >= startMs && timestampMs < endMs;
    const known = remembered.find(isIn);
    if (known !== undefined) return known;
    const window = wholeWindowOf(timestampMs);
    remembered.unshift(window);
    remembered.splice(rememberedMax);
    return window;
  }

  return {
    overlap: false,
    merge: false,
    windowsAt(timestampMs) {
      if (timestampMs < last.startMs || timestampMs >= last.endMs) last = windowAt(timestampMs);
      return [last];
    },
  };
}

/** The day with which the unit begins that a day is in. */
function firstDayOf(day: Day, unit: Calendar["unit"], firstDay: number): Day {
  if (unit === "day") return day;
  if (unit === "month") return { ...day, day: 1 };
  const number = dayNumber(day);
  // 1970-01-01 was a Thursday, the fourth day of ISO 8601.
  const weekday = (((number + 3) % 7) + 7) % 7;
  return dayOfNumber(number - ((weekday - (firstDay - 1) + 7) % 7));
}

/** The day with which the next unit begins. */
function dayAfter(first: Day, unit: Calendar["unit"]): Day {
  if (unit === "month") return dayOfNumber(dayNumber({ ...first, month: first.month + 1 }));
  return dayOfNumber(dayNumber(first) + (unit === "week" ? 7 : 1));
}
