import { describe, expect, test } from "vitest";
import { combineOwnWatermarks, combineWatermarks } from "../../../runtime/exchange/watermark.ts";

const none = Number.NEGATIVE_INFINITY;
const end = Number.POSITIVE_INFINITY;
const active = (ms: number) => ({ ms, idle: false });
const idle = (ms: number) => ({ ms, idle: true });

describe("what the watermarks of many come to", () => {
  test.each([
    ["nobody says anything: nothing is concluded", [], active(none)],
    ["one", [active(5)], active(5)],
    ["the slowest counts", [active(5), active(3), active(9)], active(3)],
    ["who has not seen anything holds the others back", [active(5), active(none)], active(none)],
    ["who is at the end holds nobody back", [active(5), active(end)], active(5)],
    ["all are at the end", [active(end), active(end)], active(end)],
    ["who is idle is left out, behind the others", [active(5), idle(3)], active(5)],
    ["and ahead of them", [active(5), idle(9)], active(5)],
    ["and without anything seen", [active(5), idle(none)], active(5)],
    ["one is active, and has seen nothing", [active(none), idle(9)], active(none)],
    ["all are idle: the fastest counts", [idle(5), idle(3), idle(9)], idle(9)],
    ["all are idle, and one never saw anything", [idle(none), idle(3)], idle(3)],
    ["all are idle, and nobody saw anything", [idle(none), idle(none)], idle(none)],
    ["the last one falls idle, and lets what the others had go on", [idle(7), idle(2)], idle(7)],
    ["idle and at the end", [idle(3), active(end)], active(end)],
  ])("%s", (_, all, expected) => {
    expect(combineWatermarks(all)).toEqual(expected);
    expect(combineWatermarks(all.toReversed())).toEqual(expected);
  });

  test("is of what they pass on; how far they have come themselves may be more", () => {
    const held = { ms: 4, idle: false, own: end };
    expect(combineWatermarks([held, active(9)])).toEqual(active(4));
    expect(combineOwnWatermarks([held, active(9)])).toEqual(active(9));
    expect(combineOwnWatermarks([held, undefined])).toEqual(active(none));
  });
});
