import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calendarWindows as calendar, isMillraceError } from "../../../../runtime/index.ts";
import { calendarWindows } from "../../../../runtime/windows/assigners/calendar-windows.ts";

const hourMs = 3_600_000;

function windowAt(options: Parameters<typeof calendar>[0], at: string | number) {
  const atMs = typeof at === "number" ? at : Date.parse(at);
  const [window] = calendarWindows(calendar(options), "days").windowsAt(atMs, undefined, "a");
  return window!;
}

/** Start and length in hours. */
function shown(options: Parameters<typeof calendar>[0], at: string): readonly [string, number] {
  const { startMs, endMs } = windowAt(options, at);
  return [new Date(startMs).toISOString(), (endMs - startMs) / hourMs];
}

const berlin = { unit: "day", timeZone: "Europe/Berlin" } as const;

describe("days of a time zone", () => {
  test.each([
    ["has 24 hours", berlin, "2026-03-28T12:00:00Z", "2026-03-27T23:00:00.000Z", 24],
    [
      "has 23 where clocks go forward",
      berlin,
      "2026-03-29T12:00:00Z",
      "2026-03-28T23:00:00.000Z",
      23,
    ],
    ["has 25 where clocks go back", berlin, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00.000Z", 25],
    [
      "ends with its last millisecond",
      berlin,
      "2026-10-25T22:59:59.999Z",
      "2026-10-24T22:00:00.000Z",
      25,
    ],
    ["begins with its first", berlin, "2026-10-25T23:00:00Z", "2026-10-25T23:00:00.000Z", 24],
    [
      "begins at one where there is no midnight",
      { unit: "day", timeZone: "America/Santiago" },
      "2026-09-06T12:00:00Z",
      "2026-09-06T04:00:00.000Z",
      23,
    ],
    [
      "may be half an hour longer",
      { unit: "day", timeZone: "Australia/Lord_Howe" },
      "2026-04-05T03:00:00Z",
      "2026-04-04T13:00:00.000Z",
      24.5,
    ],
    [
      "may be left out",
      { unit: "day", timeZone: "Pacific/Apia" },
      "2011-12-30T09:59:59Z",
      "2011-12-29T10:00:00.000Z",
      24,
    ],
    ["lies before 1970", berlin, "1969-12-31T22:59:59.999Z", "1969-12-30T23:00:00.000Z", 24],
    [
      "is one of UTC",
      { unit: "day", timeZone: "UTC" },
      "2026-03-29T12:00:00Z",
      "2026-03-29T00:00:00.000Z",
      24,
    ],
  ] as const)("one %s", (_, options, at, start, hours) => {
    expect(shown(options, at)).toEqual([start, hours]);
  });
});

test.each([
  [
    "a week begins on Monday",
    { unit: "week" },
    "2026-03-29T12:00:00Z",
    "2026-03-22T23:00:00.000Z",
    167,
  ],
  [
    "or on the day that is said",
    { unit: "week", firstDay: 7 },
    "2026-03-29T12:00:00Z",
    "2026-03-28T23:00:00.000Z",
    167,
  ],
  [
    "a month has its days",
    { unit: "month" },
    "2028-02-29T12:00:00Z",
    "2028-01-31T23:00:00.000Z",
    29 * 24,
  ],
  [
    "and what its clocks did",
    { unit: "month" },
    "2026-03-15T00:00:00Z",
    "2026-02-28T23:00:00.000Z",
    31 * 24 - 1,
  ],
  [
    "December ends with the year",
    { unit: "month" },
    "2026-12-31T12:00:00Z",
    "2026-11-30T23:00:00.000Z",
    31 * 24,
  ],
] as const)("%s", (_, options, at, start, hours) => {
  expect(shown({ timeZone: "Europe/Berlin", ...options }, at)).toEqual([start, hours]);
});

test("whatever the zone, each moment is in one window, and the next one begins where it ends", () => {
  const zones = [
    "Europe/Berlin",
    "America/St_Johns",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom("day", "week", "month"),
      fc.integer({ min: Date.parse("1960-01-01"), max: Date.parse("2036-01-01") }),
      (timeZone, unit, atMs) => {
        const { startMs, endMs } = windowAt({ unit, timeZone }, atMs);
        expect(startMs <= atMs && atMs < endMs).toBe(true);
        expect(windowAt({ unit, timeZone }, startMs)).toMatchObject({ startMs, endMs });
        expect(windowAt({ unit, timeZone }, endMs - 1)).toMatchObject({ startMs, endMs });
        expect(windowAt({ unit, timeZone }, endMs).startMs).toBe(endMs);
      },
    ),
    { numRuns: 150 },
  );
});

test("a day on which clocks go back over midnight is one window, though its date is shown twice", () => {
  const stJohns = { unit: "day", timeZone: "America/St_Johns" } as const;
  // At 00:01 clocks went back to 23:01 of the day before.
  const before = windowAt(stJohns, "2010-11-06T20:00:00Z");
  const behind = windowAt(stJohns, "2010-11-07T20:00:00Z");
  expect(before.endMs).toBe(behind.startMs);
  expect((behind.endMs - before.startMs) / hourMs).toBe(49);
});

test.each([
  [
    "a zone that there isn't",
    { unit: "day", timeZone: "Europe/Bärlin" },
    /no time zone "Europe\/Bärlin"/,
  ],
  ["a day that there isn't", { unit: "week", timeZone: "UTC", firstDay: 0 }, /begin with day 0/],
] as const)("%s is refused", (_, options, message) => {
  let thrown: unknown;
  try {
    calendar(options);
  } catch (error) {
    thrown = error;
  }
  expect(isMillraceError(thrown) && thrown.code).toBe("window-invalid");
  expect((thrown as Error).message).toMatch(message);
});

test.each(["day", "week", "month"] as const)(
  "an element at either end of all time, whose %s has none, fails alone",
  (unit) => {
    const newYork = calendar({ unit, timeZone: "America/New_York" });
    const own = calendarWindows(newYork, "days");
    const startOf = (atMs: number) => own.windowsAt(atMs, undefined, "a")[0]?.startMs;
    const [before, behind] = [startOf(0), startOf(1e12)];
    for (const atMs of [8_640_000_000_000_000, -8_640_000_000_000_000]) {
      expect(() => startOf(atMs)).toThrow(/has no whole \w+ of America\/New_York/);
      expect([startOf(0), startOf(1e12)]).toEqual([before, behind]);
    }
  },
);
