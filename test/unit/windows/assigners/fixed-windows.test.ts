import { expect, test } from "vitest";
import type { WindowAssigner } from "../../../../runtime/graph/window-assigner.ts";
import { assignerOf } from "../../../../runtime/windows/assigners/assigner.ts";
import { listing, short, sliding, tumbling, windowHarness } from "../harness.ts";

/** Names of the windows of an element. */
const windowsAt = (assigner: WindowAssigner, timestampMs: number) =>
  assignerOf("windows", assigner)
    .windowsAt(timestampMs, undefined, "a")
    .map(({ name }) => name);

test("a tumbling window begins at the multiple of its size at or below the timestamp", () => {
  const windows = [0, 1, 59, 60, 119].flatMap((ms) => windowsAt(tumbling(60), ms));
  expect(windows).toEqual(["0/60", "0/60", "0/60", "60/120", "60/120"]);
});

test("an offset moves the windows, and may be negative", () => {
  const later = [14, 15, 74, 75].flatMap((ms) => windowsAt(tumbling(60, 15), ms));
  const earlier = [44, 45, 104, 105].flatMap((ms) => windowsAt(tumbling(60, -15), ms));
  expect({ later, earlier }).toEqual({
    later: ["-45/15", "15/75", "15/75", "75/135"],
    earlier: ["-15/45", "45/105", "45/105", "105/165"],
  });
});

test("negative timestamps fall into windows that begin at or before them", () => {
  const windows = [-1, -60, -61].flatMap((ms) => windowsAt(tumbling(60), ms));
  expect(windows).toEqual(["-60/0", "-60/0", "-120/-60"]);
});

test("sliding windows begin at multiples of the slide, and the one that ends last comes first", () => {
  const windows = assignerOf("windows", sliding(10, 4, 1));
  const names = [8, 9, 12, -4, 8].map((ms) =>
    windows.windowsAt(ms, undefined, "a").map(({ name }) => name),
  );
  expect(names).toEqual([
    ["5/15", "1/11"],
    ["9/19", "5/15", "1/11"],
    ["9/19", "5/15"],
    ["-7/3", "-11/-1"],
    ["5/15", "1/11"],
  ]);
});

test("windows are remembered up to a bound, and are the same again where they were forgotten", () => {
  const windows = assignerOf("windows", tumbling(1));
  const [first] = windows.windowsAt(0, undefined, "a");
  windows.windowsAt(1, undefined, "a");
  expect(windows.windowsAt(0, undefined, "a")[0]).toBe(first);
  for (let ms = 0; ms < 20_000; ms++) windows.windowsAt(ms, undefined, "a");
  expect(windows.windowsAt(0, undefined, "a")).toEqual([first]);
  expect(windows.windowsAt(0, undefined, "a")[0]).not.toBe(first);
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
