import { expect, test } from "vitest";
import type { WindowAssigner } from "../../../../runtime/graph/window-assigner.ts";
import { assignerOf } from "../../../../runtime/windows/assigners/assigner.ts";
import { listing, short, windowHarness } from "../harness.ts";

const cumulative: WindowAssigner = { kind: "cumulative", sizeMs: 12, stepMs: 4, offsetMs: 1 };

test("an element belongs to the windows that end behind it, and the one that ends last comes first", () => {
  const { windowsAt } = assignerOf("windows", cumulative);
  const names = [1, 4, 5, 12, 13, 0, 5].map((ms) =>
    windowsAt(ms, undefined, "a").map(({ name }) => name),
  );
  expect(names).toEqual([
    ["1/13", "1/9", "1/5"],
    ["1/13", "1/9", "1/5"],
    ["1/13", "1/9"],
    ["1/13"],
    ["13/25", "13/21", "13/17"],
    ["-11/1"],
    ["1/13", "1/9"],
  ]);
});

test("windows that begin together keep what is theirs, and fire in the order of their ends", () => {
  const windows = windowHarness(cumulative, listing);
  windows.element("a", "x", 2);
  windows.element("a", "y", 6);
  windows.watermark(8);
  windows.element("a", "z", 7);
  windows.watermark(12);
  expect(short(windows.take())).toEqual([
    "insert 1-5: x @4",
    "insert 1-9: x y @8",
    "insert 1-13: x y z @12",
  ]);
  windows.commit();
  expect([windows.state.keyCount, windows.state.bytes]).toEqual([0, 0]);
});

test("an element is late where it is late for the largest of its windows", () => {
  const windows = windowHarness(cumulative, listing, { lateTag: "late" });
  windows.watermark(8);
  windows.element("a", "x", 2);
  windows.watermark(12);
  windows.element("a", "y", 2);
  expect(short(windows.take())).toEqual(["insert 1-13: x @12", "late: insert y @2"]);
});
