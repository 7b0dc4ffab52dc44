import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timeMaxMs } from "../../../runtime/graph/event-time.ts";
import { eventTimeMs, likelyUnit } from "../../../runtime/slot/program/event-time.ts";

describe("what a timestamp function gives", () => {
  test("is a time where it is a whole number of milliseconds that a Date can hold", () => {
    for (const ms of [0, -1, 1_772_366_400_000, timeMaxMs, -timeMaxMs])
      expect(eventTimeMs(ms)).toBe(ms);
  });

  test("may be a Date, or an ISO text with its time zone", () => {
    expect(eventTimeMs(new Date(5))).toBe(5);
    const texts: readonly (readonly [string, string])[] = [
      ["2026-03-01", "2026-03-01T00:00:00.000Z"],
      ["2026-03-01T12:30Z", "2026-03-01T12:30:00.000Z"],
      ["2026-03-01T12:30:15z", "2026-03-01T12:30:15.000Z"],
      ["2026-03-01 12:30:15.123456+00:00", "2026-03-01T12:30:15.123Z"],
      ["2026-03-01T12:30:15,5-0330", "2026-03-01T16:00:15.500Z"],
      ["0050-02-28T23:59:59.999999999+14:00", "0050-02-28T09:59:59.999Z"],
      ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ];
    for (const [given, same] of texts) expect(eventTimeMs(given)).toBe(Date.parse(same));
  });

  test("survives the way through JSON as any date does", () => {
    fc.assert(
      fc.property(
        fc.date({
          noInvalidDate: true,
          min: new Date("0000-01-01"),
          max: new Date("9999-12-31"),
        }),
        (date) => {
          expect(eventTimeMs(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });

  test.each([
    [undefined, "undefined"],
    [null, "null"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [timeMaxMs + 1, "more than"],
    [-timeMaxMs - 1, "more than"],
    [1_772_366_400.25, "no whole number of milliseconds since 1970; it may be in seconds"],
    [1_772_366_400_000_000_000, "it may be in nanoseconds"],
    [new Date("no date"), "an invalid Date"],
    ["2026-03-01T12:30:15", "no ISO 8601 time with a time zone"],
    ["2026-02-30T00:00:00Z", "no ISO 8601 time"],
    ["2026-13-01", "no ISO 8601 time"],
    ["2026-03-01T24:00:01Z", "no ISO 8601 time"],
    ["1772366400000", "no ISO 8601 time"],
    ["", "no ISO 8601 time"],
    [5n, "of type bigint"],
    [{ ms: 5 }, "of type object"],
    [Promise.resolve(5), "of type object"],
  ])("is none where it is %o", (given, reason) => {
    expect(eventTimeMs(given)).toContain(reason);
  });

  test("is described in a few words, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (given) => {
        const time = eventTimeMs(given);
        expect(typeof time === "number" ? Number.isInteger(time) : time.length < 300).toBe(true);
      }),
    );
    expect((eventTimeMs("x".repeat(1_000_000)) as string).length).toBeLessThan(300);
  });
});

test.each([
  [1_772_366_400, "seconds"],
  [1_772_366_400_000, undefined],
  [1_772_366_400_000_000, "microseconds"],
  [1_772_366_400_000_000_000, "nanoseconds"],
  [0, undefined],
  [Number.MAX_VALUE, undefined],
])("%d is likely to be in %s", (ms, unit) => {
  expect(likelyUnit(ms)).toBe(unit);
});
