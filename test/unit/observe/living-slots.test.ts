import { describe, expect, test } from "vitest";
import type { StageWatermark } from "../../../runtime/exchange/watermark.ts";
import { type SlotProgress, startingProgress } from "../../../runtime/job/progress.ts";
import { livingSlots, totalsOf, watermarksOf } from "../../../runtime/observe/living-slots.ts";

const range = { firstHash: "0".repeat(32), lastHash: "f".repeat(32) };

function row(name: string, about: Partial<SlotProgress> = {}): SlotProgress {
  return { ...startingProgress({ name, stream: "s", shardId: name }, range, 0), ...about };
}

const at = (stage: string, ms: number, more: Partial<StageWatermark> = {}) => ({
  watermarks: { [stage]: { ms, idle: false, ...more } },
});

describe("how far the stages of a job have come", () => {
  test("is as far as the slowest slot of each that is not idle", () => {
    const rows = [
      row("a/1", at("a", 9)),
      row("a/2", at("a", 5)),
      row("a/3", at("a", 1, { idle: true })),
      row("exchange/1", at("windows", 3)),
    ];
    expect(watermarksOf(rows)).toEqual({
      a: { ms: 5, idle: false },
      windows: { ms: 3, idle: false },
    });
  });

  test("is nowhere while a slot of theirs has said nothing: slots of other sources don't matter", () => {
    const rows = [row("a/1", at("a", 9)), row("a/2"), row("b/c/1", at("b/c", 4)), row("b/1")];
    expect(watermarksOf(rows)).toEqual({
      a: { ms: Number.NEGATIVE_INFINITY, idle: false },
      "b/c": { ms: 4, idle: false },
    });
  });

  test("is what they have come to themselves, also where they hold it back", () => {
    const end = Number.POSITIVE_INFINITY;
    expect(watermarksOf([row("exchange/1", at("w", 4, { own: end }))])).toEqual({
      w: { ms: end, idle: false },
    });
  });
});

test("sums leave out what the children of a sealed slot have inherited, and records of the exchange", () => {
  const counters = (records: number, late: number) => ({
    counters: {
      records,
      deadLetters: 1,
      superseded: 2,
      operators: { "w/w": [records, late] as const },
    },
  });
  const rows = [
    row("a/1", { ...counters(7, 0), stateBytes: 10, keys: 1, sealed: true }),
    row("a/2", { ...counters(5, 0), stateBytes: 20, keys: 2 }),
    row("exchange/1", { ...counters(3, 2), stateBytes: 30, keys: 4 }),
  ];
  expect(totalsOf(livingSlots(rows))).toEqual({
    records: 5,
    deadLetters: 2,
    lateElements: { "w/w": 2 },
    supersededRows: 4,
    stateBytes: 50,
    keys: 6,
  });
});
