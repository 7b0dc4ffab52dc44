import { expect, test } from "vitest";
import { fixedWindows, lastWindowStart } from "../../../runtime/windows/assign-windows.ts";
import { listing, short, sliding, windowHarness } from "./harness.ts";

const tumblingBy = (sizeMs: number, offsetMs = 0) =>
  fixedWindows({ kind: "tumbling", sizeMs, offsetMs });

test("a tumbling window begins at the multiple of its size at or below the timestamp", () => {
  const starts = [0, 1, 59, 60, 119].map((ms) => lastWindowStart(ms, tumblingBy(60)));
  expect(starts).toEqual([0, 0, 0, 60, 60]);
});

test("an offset moves the windows, and may be negative", () => {
  const later = [14, 15, 74, 75].map((ms) => lastWindowStart(ms, tumblingBy(60, 15)));
  const earlier = [44, 45, 104, 105].map((ms) => lastWindowStart(ms, tumblingBy(60, -15)));
  expect({ later, earlier }).toEqual({ later: [-45, 15, 15, 75], earlier: [-15, 45, 45, 105] });
});

test("negative timestamps fall into windows that begin at or before them", () => {
  const starts = [-1, -60, -61].map((ms) => lastWindowStart(ms, tumblingBy(60)));
  expect(starts).toEqual([-60, -60, -120]);
});

test("the last of the sliding windows begins at a multiple of the slide", () => {
  const windows = fixedWindows({ kind: "sliding", sizeMs: 10, slideMs: 4, offsetMs: 1 });
  expect([8, 9, 12, -4].map((ms) => lastWindowStart(ms, windows))).toEqual([5, 9, 9, -7]);
});

test("a sliding window takes an element into every window that covers it", () => {
  const windows = windowHarness(sliding(10, 4), listing);
  windows.element("a", "x", 9);
  windows.element("a", "y", 10);
  windows.watermark(100);
  expect(short(windows.take())).toEqual([
    "insert 0-10: x @9",
    "insert 4-14: x y @13",
    "insert 8-18: x y @17",
  ]);
});

test("windows that slide by more than their size leave gaps", () => {
  const windows = windowHarness(sliding(3, 10), listing);
  for (const ms of [2, 3, 9, 10]) windows.element("a", ms, ms);
  windows.watermark(100);
  expect(short(windows.take())).toEqual(["insert 0-3: 2 @2", "insert 10-13: 10 @12"]);
});
