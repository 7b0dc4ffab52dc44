import { describe, expect, test } from "vitest";
import { skipPastLastEvent, skipToFirst } from "../../../runtime/patterns/index.ts";
import { answersTo, loaded, patternHarness, patternNode } from "./pattern-words.ts";

const pairs = "begin x=a ; followedBy y=b within:10";

describe("a pattern in event time", () => {
  test("an element at the watermark is late, and counted", () => {
    const one = patternHarness(patternNode(pairs));
    one.watermark(5);
    one.element("k", "a1", 5);
    expect(one.told()).toEqual(["late a1@5"]);
    expect(one.metrics.late).toBe(1);
    one.element("k", "a2", 6);
    one.element("k", "b1", 7);
    one.watermark(7);
    expect(one.told()).toEqual(["x:a2|y:b1@7"]);
  });

  test("elements go through in the order of their times, however they come", () => {
    expect(answersTo(patternNode(pairs), "b2!@9 b1!@4 a1!@3 a2!@8 w@9")).toEqual([
      "x:a1|y:b1@4",
      "x:a2|y:b2@9",
    ]);
  });

  test("those of one time go through as they came, or in the order of a comparator", () => {
    const elements = "b1!@5 a1!@5 w@5";
    expect(answersTo(patternNode(pairs), elements)).toEqual([]);
    const comparator = (left: string, right: string) => (left < right ? -1 : 1);
    expect(answersTo(patternNode(pairs, { comparator }), elements)).toEqual(["x:a1|y:b1@5"]);
  });

  test("what is over by time has the time at which it was, however far the watermark went", () => {
    const absent = "begin x=a ; notFollowedBy y=b within:10";
    expect(answersTo(patternNode(absent), "a1!@1 a2!@3 w@1000")).toEqual(["x:a1@11", "x:a2@13"]);
    expect(answersTo(patternNode(pairs), "a1!@1 a2!@3 w@1000")).toEqual([
      "timeout x:a1@11",
      "timeout x:a2@13",
    ]);
  });

  test("the time from one element of a loop to the next ends its runs when it is over", () => {
    const loop = "begin x=a ; followedBy y=b times:2@5";
    expect(answersTo(patternNode(loop), "a1@1 b1@20 b2@24 a2@30 b3@31 w@40")).toEqual([
      "x:a1|y:b1,b2@24",
      "timeout x:a2|y:b3@36",
    ]);
  });

  test("the time from the element before holds for what was passed over as well", () => {
    const optional = "begin x=a ; followedBy y=b optional prev:5 ; followedBy z=c";
    expect(answersTo(patternNode(optional), "a1@1 d1@3 b1@5 c1@6")).toEqual([
      "x:a1|y:b1|z:c1@6",
      "x:a1|z:c1@6",
    ]);
    expect(answersTo(patternNode(optional), "a1@1 d1@3 b1@7 c1@8")).toEqual([
      "timeout x:a1@6",
      "x:a1|z:c1@8",
    ]);
  });

  test("a strategy skips to a stage of a group", () => {
    const node = patternNode("begin ( begin x=a ; next y=a ) ; next z=a", {
      afterMatch: skipToFirst("y"),
    });
    expect(answersTo(node, "a1@1 a2@2 a3@3 a4@4")).toEqual([
      "x:a1|y:a2|z:a3@3",
      "x:a2|y:a3|z:a4@4",
    ]);
  });

  test("throwOnMiss: a match that begins where it would be skipped to is refused", () => {
    const afterMatch = skipToFirst("x", { throwOnMiss: true });
    expect(() => answersTo(patternNode(pairs, { afterMatch }), "a1@1 b1@2")).toThrow(
      /its element is the first of the match/,
    );
  });
});

describe("a pattern in processing time", () => {
  const node = patternNode(pairs, { time: "processing" });

  test("takes elements as they come, and has run out of time when the clock says so", () => {
    const one = patternHarness(node);
    one.processingTime(100);
    one.element("k", "a1", 7);
    one.processingTime(105);
    one.element("k", "b1", 3);
    expect(one.told()).toEqual(["x:a1|y:b1@3"]);
    one.element("k", "a2", 9);
    one.processingTime(114);
    expect(one.told()).toEqual([]);
    one.watermark(50);
    one.processingTime(115);
    expect(one.told()).toEqual(["timeout x:a2@50"]);
  });

  test("its time-outs are armed again where it is loaded", () => {
    const one = patternHarness(node);
    one.processingTime(100);
    one.element("k", "a1", 7);
    const other = loaded(one, node);
    other.processingTime(110);
    expect(other.told()).toHaveLength(1);
  });
});

describe("what a pattern keeps", () => {
  test("is nothing for a key of which nothing is open", () => {
    const one = patternHarness(patternNode(pairs));
    for (const [element, ms] of [
      ["c1", 1],
      ["a1", 2],
      ["b1", 3],
      ["a2", 4],
    ] as const)
      one.element("k", element, ms);
    one.watermark(4);
    one.commit();
    expect(one.state.bytes).toBeGreaterThan(0);
    one.watermark(14);
    one.commit();
    expect(one.state.bytes).toBe(0);
    expect(one.state.keyCount).toBe(0);
    expect(one.eventTimers.size).toBe(0);
  });

  test("is each element once, however many matches have it", () => {
    const one = patternHarness(
      patternNode("begin x=a oneOrMore combinations ; followedBy y=b within:99"),
    );
    const big = (n: number) => `a${n}${"x".repeat(1_000)}`;
    for (let n = 1; n <= 6; n++) one.element("k", big(n), n);
    one.watermark(6);
    one.commit();
    // 63 choices of six elements have begun.
    expect(one.state.bytes).toBeGreaterThan(6_000);
    expect(one.state.bytes).toBeLessThan(6_000 + 10_000);
    one.element("k", "b1", 7);
    one.watermark(7);
    expect(one.told()).toHaveLength(63);
  });

  test("a commit holds what has changed, not what is kept", () => {
    const one = patternHarness(patternNode("begin x=a oneOrMore ; followedBy y=b within:999"));
    const sizes = Array.from({ length: 8 }, (_, n) => {
      one.element("k", `a${n}${"x".repeat(500)}`, n);
      one.watermark(n);
      return JSON.stringify(one.commit()).length;
    });
    expect(sizes[7]).toBeLessThan((sizes[1] as number) * 3);
  });

  test("matches of another version of the pattern are dropped, and elements that wait are not", () => {
    const before = patternHarness(patternNode(pairs));
    before.element("k", "a1", 1);
    before.watermark(1);
    before.element("k", "a2", 3);
    const after = loaded(before, patternNode("begin x=a ; next y=b within:10"));
    after.element("k", "b1", 4);
    after.watermark(4);
    expect(after.told()).toEqual(["x:a2|y:b1@4"]);
    after.watermark(50);
    after.commit();
    expect(after.state.bytes).toBe(0);
  });

  test("a step that is undone leaves nothing", () => {
    const node = patternNode(pairs, { afterMatch: skipPastLastEvent() });
    const one = patternHarness(node);
    one.element("k", "a1", 1);
    one.watermark(1);
    one.commit();
    one.element("k", "b1", 2);
    one.watermark(2);
    expect(one.told()).toEqual(["x:a1|y:b1@2"]);
    one.undo();
    one.element("k", "b2", 3);
    one.watermark(3);
    expect(one.told()).toEqual(["x:a1|y:b2@3"]);
  });
});
