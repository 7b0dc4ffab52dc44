import { expect, test } from "vitest";
import type { ViewColumn } from "../../../runtime/graph/view.ts";
import { barsOf, linesOf, shownIn } from "../../../dashboard/browser/view/view-rows.ts";

const columns: readonly ViewColumn[] = [
  { name: "origin", type: "text", label: "Origin" },
  { name: "hour", type: "time", label: "Hour" },
  { name: "delay", type: "number", label: "Mean delay", unit: "min", digits: 1 },
  { name: "late", type: "boolean", label: "Late" },
];
const [origin, hour, delay, late] = columns as [ViewColumn, ViewColumn, ViewColumn, ViewColumn];

test("a value is shown as its column says", () => {
  expect(shownIn(delay, 1_234)).toBe("1,234.0 min");
  expect(shownIn(hour, Date.UTC(2026, 0, 5, 8))).toBe("2026-01-05 08:00:00");
  expect([shownIn(late, true), shownIn(late, false), shownIn(origin, null)]).toEqual([
    "yes",
    "no",
    "",
  ]);
});

const rows = [
  { origin: "ATL", hour: 7_200_000, delay: 3 },
  { origin: "ATL", hour: 3_600_000, delay: 1 },
  { origin: "BOS", hour: 7_200_000, delay: 9 },
  { origin: "BOS", hour: 3_600_000, delay: null },
];

test("rows become lines over time, one for each group", () => {
  const chart = { kind: "time-series", values: ["delay"], by: "origin" } as const;
  expect(linesOf(rows, { chart, time: "hour", columns })).toEqual({
    seconds: [3_600, 7_200],
    lines: [
      { name: "ATL", values: [1, 3] },
      { name: "BOS", values: [null, 9] },
    ],
    left: 0,
  });
});

test("without groups a line is called as its column, and more than can be told apart aren't drawn", () => {
  const chart = { kind: "time-series", values: ["delay"] } as const;
  const [line] = linesOf(rows.slice(0, 2), { chart, time: "hour", columns }).lines;
  expect(line?.name).toBe("Mean delay");
  const many = Array.from({ length: 15 }, (_, at) => ({ ...rows[0], origin: `o${at}` }));
  const drawn = linesOf(many, { chart: { ...chart, by: "origin" }, time: "hour", columns });
  expect([drawn.lines.length, drawn.left]).toEqual([12, 3]);
});

test("bars are those of the highest values", () => {
  const chart = { kind: "bars", label: "origin", value: "delay", top: 2 } as const;
  expect(barsOf(rows, chart)).toEqual([
    { label: "BOS", value: 9 },
    { label: "ATL", value: 3 },
  ]);
});
