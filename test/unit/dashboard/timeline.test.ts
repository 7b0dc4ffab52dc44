import { expect, test } from "vitest";
import type { JobEventView } from "../../../http/schemas/history.ts";
import { axisOf } from "../../../dashboard/browser/timeline/axis.ts";
import { byCode } from "../../../dashboard/browser/timeline/by-code.ts";
import { lanes } from "../../../dashboard/browser/timeline/lanes.ts";

/** The compiler misses one that isn't here. */
const kinds: Readonly<Record<JobEventView["kind"], true>> = {
  deployed: true,
  restored: true,
  started: true,
  stopped: true,
  ended: true,
  checkpoint: true,
  "checkpoint-failed": true,
  savepoint: true,
  resharded: true,
  error: true,
  alarm: true,
  warning: true,
};

test("every kind of event has exactly one lane", () => {
  const all = lanes.flatMap(({ kinds }) => kinds);
  expect(all.toSorted()).toEqual(Object.keys(kinds).toSorted());
});

const startMs = Date.UTC(2026, 2, 1, 8, 0, 7);

test.each([
  [40, 10],
  [600, 120],
  [86_400, 3 * 3_600],
])("an axis over %s s has a tick every %s s, where clocks are read", (seconds, everySeconds) => {
  const { ticksMs } = axisOf([startMs + seconds * 1_000, startMs], 8);
  expect(ticksMs.length).toBeGreaterThan(2);
  expect(ticksMs.length).toBeLessThanOrEqual(9);
  for (const tick of ticksMs) expect(tick % (everySeconds * 1_000)).toBe(0);
});

test("all moments lie between the ends of the axis, also where it is one only", () => {
  for (const moments of [[startMs], [startMs, startMs + 5], [startMs, startMs + 9e9]]) {
    const { shareOf } = axisOf(moments, 8);
    for (const ms of moments) {
      expect(shareOf(ms)).toBeGreaterThan(0);
      expect(shareOf(ms)).toBeLessThan(1);
    }
  }
});

test("errors of one code stand together, with what the newest of them says", () => {
  const error = (code: string, lastMs: number, message: string) => ({
    code,
    message,
    count: 2,
    firstMs: lastMs - 10,
    lastMs,
    kind: "alarm" as const,
  });
  const all = [error("a", 100, "old"), error("b", 150, "only"), error("a", 200, "new")];
  expect(byCode(all)).toEqual([
    { ...error("a", 200, "new"), count: 4, firstMs: 90 },
    error("b", 150, "only"),
  ]);
});
