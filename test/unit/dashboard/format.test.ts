import { spreadOf } from "../../../dashboard/browser/format/spread.ts";
import { expect, test } from "vitest";
import { pretty, shownValue } from "../../../dashboard/browser/format/json.ts";
import { bytes, count, percent, rate, short } from "../../../dashboard/browser/format/numbers.ts";
import { duration, moment, tick, watermark } from "../../../dashboard/browser/format/times.ts";

test("numbers are shown with as many digits as say something", () => {
  expect(count(12_345_678)).toBe("12,345,678");
  expect([short(9_999), short(12_345_678)]).toEqual(["9,999", "12.3M"]);
  expect([rate(0), rate(0.02), rate(9.96), rate(1_234.4), rate(56_789)]).toEqual([
    "0",
    "0.1",
    "10",
    "1,234",
    "56.8K",
  ]);
  expect([percent(0), percent(0.2), percent(99.6)]).toEqual(["0 %", "<1 %", "100 %"]);
});

test("bytes are shown in the unit that leaves one to three digits before the point", () => {
  expect([0, 999, 1_000, 12_345, 999_999, 1_234_567, 5e12].map(bytes)).toEqual([
    "0 B",
    "999 B",
    "1.00 KB",
    "12.3 KB",
    "1000 KB",
    "1.23 MB",
    "5.00 TB",
  ]);
});

test("a time that passes is shown by its two greatest units", () => {
  const second = 1_000;
  const hour = 3_600 * second;
  expect([-5, 0, 340, 2_340, 59_999, 245 * second, 2 * hour + 600 * second].map(duration)).toEqual([
    "0 ms",
    "0 ms",
    "340 ms",
    "2.3 s",
    "59 s",
    "4 m 05 s",
    "2 h 10 m",
  ]);
  expect(duration(76 * hour)).toBe("3 d 4 h");
});

test("a moment has its date where that is another day", () => {
  const ms = Date.UTC(2026, 2, 1, 8, 0, 5);
  expect(moment(ms, ms + 1)).toBe("08:00:05");
  expect(moment(ms + 120, ms)).toBe("08:00:05.120");
  expect(moment(ms, ms + 86_400_000)).toBe("2026-03-01 08:00:05");
  expect([watermark("none", ms), watermark("end", ms), watermark(ms, ms)]).toEqual([
    "–",
    "end",
    "08:00:05",
  ]);
});

test("JSON is spread over lines, and what is none stays as it is", () => {
  expect(pretty('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(pretty("{half")).toBe("{half");
  expect([shownValue("ada"), shownValue(["ada", 7]), shownValue(undefined)]).toEqual([
    "ada",
    '["ada",7]',
    "",
  ]);
});

test("an axis says which day begins, and the time of day between", () => {
  const midnightMs = Date.UTC(2018, 1, 5);
  const [minuteMs, hourMs] = [60_000, 3_600_000];
  expect(tick(midnightMs, 24 * hourMs)).toBe("2018-02-05");
  expect(tick(midnightMs + 12 * hourMs, 24 * hourMs)).toBe("12:00");
  expect(tick(midnightMs + 5 * minuteMs, 5 * minuteMs)).toBe("00:05:00");
  expect(tick(midnightMs, 5 * minuteMs)).toBe("00:00:00");
});

test("a histogram is told by its mean, and by where half and nearly all of it is", () => {
  const bounds = [1, 10, 100];
  expect(spreadOf({ bounds, counts: [6, 2, 1, 1], sum: 321 })).toBe(
    "mean 32.1, half ≤ 1, 95% > 100 of 10",
  );
  expect(spreadOf({ bounds, counts: [0, 0, 0, 0], sum: 0 })).toBe("none yet");
});
