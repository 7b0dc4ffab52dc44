import { describe, expect, test } from "vitest";
import type { IntervalJoinNode } from "../../../runtime/graph/interval-join.ts";
import { intervalJoinOperator } from "../../../runtime/operators/interval-join-operator.ts";
import { harness } from "../windows/harness.ts";

type Rules = Partial<IntervalJoinNode> & Pick<IntervalJoinNode, "lowerMs" | "upperMs">;

/** A join of texts; what it gives tells the two elements and all three times. */
function joining(rules: Rules) {
  const node: IntervalJoinNode = {
    kind: "intervalJoin",
    id: 1,
    name: "near",
    uid: "near",
    inputs: [],
    type: "inner",
    leftLateTag: "late left",
    rightLateTag: "late right",
    leftState: {},
    rightState: {},
    join: (left, right, { leftTimestampMs, rightTimestampMs, timestampMs }) =>
      `${left ?? "-"}+${right ?? "-"} (${leftTimestampMs ?? "-"},${rightTimestampMs ?? "-"},${timestampMs})`,
    ...rules,
  };
  const one = harness((parts) => {
    const { pushes, ...operator } = intervalJoinOperator(node, parts);
    return {
      ...operator,
      push: ([side, value], ...rest) => pushes[side === "left" ? 0 : 1]?.(value, ...rest),
    };
  });
  const told = () =>
    one
      .take()
      .map(({ value, timestampMs, tag }) =>
        tag === undefined ? `${String(value)} @${timestampMs}` : `${tag} ${String(value)}`,
      );
  return {
    ...one,
    left: (value: string, ms: number, key = "k") => (one.element(key, ["left", value], ms), told()),
    right: (value: string, ms: number, key = "k") => (
      one.element(key, ["right", value], ms),
      told()
    ),
    at: (ms: number) => (one.watermark(ms), told()),
    /** How many times are kept. */
    kept: () => one.eventTimers.size,
  };
}

/** Each as Flink 1.20's IntervalJoinOperator answers, asked step by step in its own test harness. */
describe("an interval join, as Flink's", () => {
  test("joins within inclusive bounds, at the later time of the two, and keeps what partners may come for", () => {
    const { left, right, at, kept } = joining({ lowerMs: -2, upperMs: 1 });
    expect(left("a", 10)).toEqual([]);
    expect(right("q", 7)).toEqual([]);
    expect(right("p", 8)).toEqual(["a+p (10,8,10) @10"]);
    expect(right("s", 11)).toEqual(["a+s (10,11,11) @11"]);
    expect(right("t", 12)).toEqual([]);
    expect(left("b", 9)).toEqual(["b+q (9,7,9) @9", "b+p (9,8,9) @9"]);
    expect(right("u", 8)).toEqual(["b+u (9,8,9) @9", "a+u (10,8,10) @10"]);
    expect(at(8)).toEqual([]);
    expect(kept()).toBe(6);
  });

  test("what is below the watermark is late, what is at it is not", () => {
    const { left, right, at, metrics } = joining({ lowerMs: -2, upperMs: 1 });
    left("a", 10);
    right("p", 8);
    at(8);
    expect(right("late", 7)).toEqual(["late right late"]);
    expect(left("late", 7)).toEqual(["late left late"]);
    expect(metrics.late).toBe(2);
    expect(right("edge", 8)).toEqual(["a+edge (10,8,10) @10"]);
    expect(left("edge", 8)).toEqual(["edge+p (8,8,8) @8", "edge+edge (8,8,8) @8"]);
  });

  test("an element is gone once the watermark has reached the last time of a partner, whose time is not late yet", () => {
    const { left, right, at } = joining({ lowerMs: -2, upperMs: 1 });
    left("a", 10);
    right("s", 11);
    at(11);
    expect(right("at bound", 11)).toEqual([]);
    expect(left("again", 11)).toEqual(["again+s (11,11,11) @11", "again+at bound (11,11,11) @11"]);
  });

  test("bounds that are excluded", () => {
    const { left, right, at, kept } = joining({ lowerMs: -1, upperMs: 0 });
    left("a", 10);
    expect(right("p", 8)).toEqual([]);
    expect(right("q", 9)).toEqual(["a+q (10,9,10) @10"]);
    expect(right("r", 10)).toEqual(["a+r (10,10,10) @10"]);
    expect(right("s", 11)).toEqual([]);
    const left2 = [10, 11, 12].map((ms) => (at(ms), kept()));
    expect(left2).toEqual([2, 1, 0]);
  });

  test("partners that are all later: what they wait for is kept up to the bound, they only for their own time", () => {
    const { left, right, at, kept } = joining({ lowerMs: 2, upperMs: 5 });
    left("a", 10);
    expect([right("x", 11), right("y", 12), right("z", 15), right("o", 16)]).toEqual([
      [],
      ["a+y (10,12,12) @12"],
      ["a+z (10,15,15) @15"],
      [],
    ]);
    expect([10, 12, 14, 15, 16].map((ms) => (at(ms), kept()))).toEqual([5, 3, 3, 1, 0]);
    left("b", 16);
    at(17);
    expect(right("m", 18)).toEqual(["b+m (16,18,18) @18"]);
    at(21);
    expect(kept()).toBe(0);
  });

  test("partners that are all earlier", () => {
    const { left, right, at, kept } = joining({ lowerMs: -5, upperMs: -2 });
    left("a", 10);
    expect(right("x", 8)).toEqual(["a+x (10,8,10) @10"]);
    expect(right("y", 5)).toEqual(["a+y (10,5,10) @10"]);
    expect(right("z", 4)).toEqual([]);
    expect([5, 7, 8, 9, 10].map((ms) => (at(ms), kept()))).toEqual([4, 4, 4, 3, 1]);
    expect(left("b", 12)).toEqual(["b+x (12,8,12) @12"]);
    expect(right("n", 10)).toEqual(["b+n (12,10,12) @12"]);
  });

  test("one time only", () => {
    const { left, right, at, kept } = joining({ lowerMs: 0, upperMs: 0 });
    left("a", 10);
    expect(right("x", 10)).toEqual(["a+x (10,10,10) @10"]);
    expect(left("b", 10)).toEqual(["b+x (10,10,10) @10"]);
    expect([9, 10].map((ms) => (at(ms), kept()))).toEqual([2, 0]);
    expect(right("y", 10)).toEqual([]);
    at(11);
    expect(kept()).toBe(0);
  });
});

describe("an outer join", () => {
  const bounds = { lowerMs: -2, upperMs: 3 };

  test("gives what met nobody when the watermark reaches the last time of a partner, with that time", () => {
    const { left, right, at } = joining({ ...bounds, type: "left" });
    left("a", 10);
    left("b", 20);
    right("x", 19);
    right("alone", 40);
    expect([12, 13, 22, 23, 100].map((ms) => at(ms))).toEqual([
      [],
      ["a+- (10,-,13) @13"],
      [],
      [],
      [],
    ]);
  });

  test("of the right side, and of both", () => {
    const right = joining({ ...bounds, type: "right" });
    right.left("a", 10);
    right.right("x", 20);
    expect([21, 22].map((ms) => right.at(ms))).toEqual([[], ["-+x (-,20,22) @22"]]);
    const full = joining({ ...bounds, type: "full" });
    full.left("a", 10);
    full.right("x", 20);
    expect(full.at(Number.POSITIVE_INFINITY)).toEqual(["a+- (10,-,13) @13", "-+x (-,20,22) @22"]);
  });

  test("of two elements of one time, only the one that came behind its partner's end stands alone", () => {
    const { left, right, at } = joining({ lowerMs: 0, upperMs: 0, type: "left" });
    left("a", 10);
    right("x", 10);
    at(10);
    left("b", 10);
    expect(at(11)).toEqual(["b+- (10,-,10) @10"]);
    const wide = joining({ lowerMs: -9, upperMs: 9, type: "left" });
    wide.left("a", 10);
    wide.right("x", 1);
    wide.at(10);
    wide.left("b", 10);
    expect(wide.at(19)).toEqual(["b+- (10,-,19) @19"]);
  });

  test("a late element gives no result of its own: it is late", () => {
    const { left, at } = joining({ ...bounds, type: "left" });
    at(10);
    expect(left("a", 9)).toEqual(["late left a"]);
    expect(at(100)).toEqual([]);
  });
});

describe("what a join keeps", () => {
  const rules = { lowerMs: -5, upperMs: 5, type: "full" } as const;

  test("another instance goes on from the commit, with the same results", () => {
    const [one, other] = [joining(rules), joining(rules)];
    one.left("a", 10);
    one.right("far", 30);
    one.at(9);
    other.apply(one.commit(), 9);
    for (const each of [one, other]) {
      expect(each.right("x", 12)).toEqual(["a+x (10,12,12) @12"]);
      expect(each.at(Number.POSITIVE_INFINITY)).toEqual(["-+far (-,30,35) @35"]);
      each.commit();
      expect([each.state.keyCount, each.state.bytes, each.kept()]).toEqual([0, 0, 0]);
    }
  });

  test("undo takes back elements, matches and what was cleared", () => {
    const one = joining(rules);
    one.left("a", 10);
    one.commit();
    one.right("x", 12);
    one.left("b", 10);
    one.at(100);
    one.undo();
    one.take();
    expect(one.at(100)).toEqual(["a+- (10,-,15) @15"]);
  });

  test("keys don't meet", () => {
    const { left, right } = joining(rules);
    left("a", 10, "k");
    expect(right("x", 10, "other")).toEqual([]);
  });

  test("a function may change what it is given", () => {
    const given: unknown[] = [];
    const { left, right } = joining({
      ...rules,
      join(one: string[], other: string[]) {
        given.push([...one, ...other]);
        one.push("spoilt");
        other.push("spoilt");
        return given.length;
      },
    });
    const own = (text: string) => [text] as unknown as string;
    left(own("a"), 10);
    right(own("x"), 10);
    right(own("y"), 10);
    left(own("b"), 10);
    expect(given).toEqual([
      ["a", "x"],
      ["a", "y"],
      ["b", "x"],
      ["b", "y"],
    ]);
  });

  test("a timer that fails for good takes its elements along", () => {
    const one = joining({ ...rules });
    one.left("a", 10);
    one.watermark(15, () => false);
    expect(one.take()).toEqual([]);
    expect(one.kept()).toBe(0);
  });
});
