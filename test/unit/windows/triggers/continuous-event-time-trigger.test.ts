import { expect, test } from "vitest";
import type { WindowTrigger } from "../../../../runtime/graph/window-trigger.ts";
import { type Harness, session, short, sum, tumbling, windowHarness } from "../harness.ts";

const trigger: WindowTrigger = { kind: "continuous-event-time", intervalMs: 10 };
const windowsOf35 = (options: { allowedLatenessMs?: number } = {}) =>
  windowHarness(tumbling(35), sum, { trigger, ...options });

/** What is given when the watermark reaches each of some times. */
function givenAt(windows: Harness, ...watermarks: readonly number[]): readonly string[] {
  return watermarks.flatMap((ms) => {
    windows.watermark(ms);
    return short(windows.take()).map((text) => `${ms}: ${text}`);
  });
}

test("a window gives results at multiples of the interval and at its end, and with every late element", () => {
  const windows = windowsOf35({ allowedLatenessMs: 20 });
  windows.element("a", 1, 3);
  expect(givenAt(windows, 9, 10)).toEqual(["10: insert 1 @34"]);
  windows.element("a", 2, 27);
  expect(givenAt(windows, 20)).toEqual(["20: replace 3 @34"]);
  windows.element("a", 4, 28);
  expect(givenAt(windows, 29, 33)).toEqual(["33: replace 7 @34"]);
  windows.element("a", 8, 34);
  expect(givenAt(windows, 34)).toEqual(["34: replace 15 @34"]);
  windows.element("a", 16, 5);
  expect(short(windows.take())).toEqual(["replace 31 @34"]);
  expect(givenAt(windows, 40, 50, 54)).toEqual([]);
  windows.commit();
  expect([windows.state.keyCount, windows.eventTimers.size]).toEqual([0, 0]);
});

test("the first result is that of the multiple behind the first element, not behind the watermark", () => {
  const windows = windowsOf35();
  windows.watermark(5);
  windows.element("a", 1, 27);
  expect(givenAt(windows, 12, 20, 30)).toEqual(["30: insert 1 @34"]);
});

test("where nothing has come since the last result there is none, and a later element waits for the next multiple", () => {
  const windows = windowsOf35();
  windows.element("a", 1, 3);
  expect(givenAt(windows, 10, 20, 21)).toEqual(["10: insert 1 @34"]);
  windows.element("a", 2, 25);
  expect(givenAt(windows, 29, 30, 34)).toEqual(["30: replace 3 @34"]);
});

test("a watermark that passes several multiples and the end releases one result", () => {
  const windows = windowsOf35();
  windows.element("a", 1, 3);
  expect(givenAt(windows, 100)).toEqual(["100: insert 1 @34"]);
});

test("a session gives results before its end, and withdraws them where it grows", () => {
  const sessions = windowHarness(session(15), sum, { trigger });
  sessions.element("a", 1, 3);
  expect(givenAt(sessions, 10)).toEqual(["10: insert 1 @17"]);
  sessions.element("a", 2, 14);
  expect(short(sessions.take())).toEqual(["delete 1 @17"]);
  expect(givenAt(sessions, 20, 28)).toEqual(["20: insert 3 @28"]);
});

test("sessions that merge give the first result when the earlier of them would", () => {
  const sessions = windowHarness(session(15), sum, { trigger });
  sessions.element("a", 2, 23);
  sessions.element("a", 1, 3);
  sessions.element("a", 4, 14);
  expect(givenAt(sessions, 9, 10, 30, 37)).toEqual(["10: insert 7 @37"]);
});

test("the next result is due when it was, whoever loads the state, and after an undo", () => {
  const first = windowsOf35();
  first.element("a", 1, 3);
  first.watermark(12);
  first.take();
  first.element("a", 2, 13);
  const committed = first.commit();
  const second = windowsOf35();
  second.apply(committed, 12);
  const loaded = windowsOf35();
  loaded.apply(first.state.snapshot(), 12);
  first.watermark(20);
  first.take();
  first.undo();
  for (const windows of [first, second, loaded])
    expect(givenAt(windows, 19, 20, 34)).toEqual(["20: replace 3 @34"]);
});

test("a result that fails for good before the end is given again with what comes next", () => {
  const windows = windowsOf35();
  windows.element("a", 1, 3);
  windows.watermark(10, () => false);
  expect(givenAt(windows, 20)).toEqual([]);
  windows.element("a", 2, 25);
  expect(givenAt(windows, 29, 30, 34)).toEqual(["30: insert 3 @34"]);
});

test("a replaced result comes with the value before, where somebody behind takes it back", () => {
  const windows = windowHarness(tumbling(35), sum, { trigger }, { gives: "retract" });
  windows.element("a", 1, 3);
  windows.watermark(10);
  windows.element("a", 2, 12);
  windows.watermark(20);
  expect(windows.take().map(({ value, change, before }) => [change, value, before])).toEqual([
    ["insert", 1, undefined],
    ["replace", 3, 1],
  ]);
});
