import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { saysHowFar, whileWaiting } from "../../../cli/waiting.ts";

let written = "";
const { isTTY } = process.stderr;
beforeEach(() => {
  written = "";
  vi.useFakeTimers();
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  process.stderr.isTTY = isTTY;
});

test("a terminal is told every second in place, and nothing is left of it", () => {
  process.stderr.isTTY = true;
  let done = 0;
  const end = saysHowFar(() => `${(done += 5)} done`);
  vi.advanceTimersByTime(900);
  expect(written).toBe("");
  vi.advanceTimersByTime(1_200);
  expect(written).toBe("\r\u001b[K5 done\r\u001b[K10 done");
  end();
  vi.advanceTimersByTime(5_000);
  expect(written.endsWith("10 done\r\u001b[K")).toBe(true);
});

test("a log gets a line every ten seconds, and nothing of what is over before", () => {
  process.stderr.isTTY = false;
  const end = saysHowFar(() => "still at it");
  vi.advanceTimersByTime(21_000);
  end();
  expect(written).toBe("still at it\nstill at it\n");
});

test("a command that takes more than a second says how long it has been, and what it says itself goes first", async () => {
  process.stderr.isTTY = true;
  let end: (() => void) | undefined;
  const work = whileWaiting(() => new Promise<void>((resolve) => void (end = resolve)));
  vi.advanceTimersByTime(1_100);
  expect(written).toBe("\r\u001b[Kwaiting: 1.0 s");
  const quiet = saysHowFar(() => "5 records");
  vi.advanceTimersByTime(1_000);
  expect(written.endsWith("\r\u001b[K5 records")).toBe(true);
  quiet();
  vi.advanceTimersByTime(1_000);
  expect(written.endsWith("waiting: 3.0 s")).toBe(true);
  end?.();
  await work;
  expect(written.endsWith("\r\u001b[K")).toBe(true);
});
