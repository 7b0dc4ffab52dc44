import { describe, expect, test } from "vitest";
import type { Change } from "../../../runtime/graph/change.ts";
import type { TemporalJoinNode } from "../../../runtime/graph/temporal-join.ts";
import { temporalJoinOperator } from "../../../runtime/operators/temporal-join-operator.ts";
import { harness } from "../windows/harness.ts";

/** A join of texts with texts that hold from a time on; what it gives tells its time. */
function joining(rules: Partial<TemporalJoinNode> = {}) {
  const node: TemporalJoinNode = {
    kind: "temporalJoin",
    id: 1,
    name: "rated",
    uid: "rated",
    inputs: [],
    type: "inner",
    leftState: {},
    rightState: {},
    join: (value, version, { timestampMs, versionMs }) =>
      `${value}+${version ?? "-"} (${timestampMs},${versionMs ?? "-"})`,
    ...rules,
  };
  const one = harness((parts) => {
    const { pushes, ...operator } = temporalJoinOperator(node, parts);
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
  const come =
    (side: string, change: Change = "insert") =>
    (value: string, ms: number) => (one.element("k", [side, value], ms, change), told());
  return {
    ...one,
    left: come("left"),
    right: come("right"),
    gone: come("right", "delete"),
    at: (ms: number) => (one.watermark(ms), told()),
    /** From which times something is kept, or has yet to come. */
    kept: () => one.eventTimers.size,
  };
}

const both = ["inner", "left"] as const;

/** Each as Flink 1.20's TemporalRowTimeJoinOperator answers, asked step by step in its test harness; it gives results of one watermark in order of arrival. */
describe.each(both)("a temporal join, as Flink's: %s", (type) => {
  const alone = (...texts: string[]) => (type === "left" ? texts : []);

  test("gives each element with the version that holds at its time, once the watermark has reached it", () => {
    const { left, right, at } = joining({ type });
    left("before", 5);
    right("x", 10);
    left("at", 10);
    left("behind", 12);
    right("y", 20);
    left("b", 19);
    left("c", 20);
    expect(at(9)).toEqual(alone("before+- (5,-) @5"));
    expect(at(15)).toEqual(["at+x (10,10) @10", "behind+x (12,10) @12"]);
    expect(at(19)).toEqual(["b+x (19,10) @19"]);
    expect(at(30)).toEqual(["c+y (20,20) @20"]);
    left("d", 40);
    expect(at(50)).toEqual(["d+y (40,20) @40"]);
  });

  test("however far a watermark jumps, each version is there for its own time; results come by time", () => {
    const { left, right, at } = joining({ type });
    left("c", 25);
    left("a", 15);
    right("x", 10);
    right("y", 20);
    right("z", 30);
    left("b", 10);
    expect(at(100)).toEqual(["b+x (10,10) @10", "a+x (15,10) @15", "c+y (25,20) @25"]);
  });

  test("nothing holds from the time of a deletion on, until there is another version", () => {
    const { left, right, gone, at } = joining({ type });
    right("x", 10);
    gone("x", 20);
    left("a", 15);
    left("b", 20);
    left("c", 25);
    expect(at(30)).toEqual(["a+x (15,10) @15", ...alone("b+- (20,-) @20", "c+- (25,-) @25")]);
    right("y", 40);
    left("d", 45);
    expect(at(50)).toEqual(["d+y (45,40) @45"]);
  });

  test("an element behind the watermark gets the version of its time where that is kept", () => {
    const { left, right, at, metrics } = joining({ type });
    right("x", 10);
    right("y", 20);
    at(30);
    left("kept", 25);
    left("gone", 15);
    expect(at(30)).toEqual([]);
    expect(at(31)).toEqual([...alone("gone+- (15,-) @15"), "kept+y (25,20) @25"]);
    expect(metrics.late).toBe(type === "left" ? 0 : 1);
  });

  test("a version behind the watermark holds where no newer one has", () => {
    const { left, right, at, metrics } = joining({ type });
    right("y", 20);
    at(30);
    right("newer", 25);
    left("a", 40);
    left("late", 22);
    expect(at(50)).toEqual(["late+y (22,20) @22", "a+newer (40,25) @40"]);
    right("older", 22);
    expect(metrics.late).toBe(1);
    left("b", 60);
    expect(at(70)).toEqual(["b+newer (60,25) @60"]);
    left("c", 23);
    expect(at(71)).toEqual(alone("c+- (23,-) @23"));
  });

  test("of two versions of one time the last one holds", () => {
    const { left, right, at } = joining({ type });
    right("x", 10);
    right("y", 10);
    left("a", 10);
    left("b", 10);
    expect(at(10)).toEqual(["a+y (10,10) @10", "b+y (10,10) @10"]);
    right("z", 10);
    left("c", 10);
    expect(at(11)).toEqual(["c+z (10,10) @10"]);
  });
});

describe("what Flink has no word for", () => {
  test("what is too late goes to the side outputs", () => {
    const { left, right, gone, at, metrics } = joining({
      type: "left",
      leftLateTag: "late left",
      rightLateTag: "late right",
    });
    right("x", 10);
    gone("x", 20);
    at(30);
    expect(right("old", 15)).toEqual(["late right old"]);
    expect(left("a", 16)).toEqual(["late left a"]);
    left("b", 25);
    expect(at(40)).toEqual(["b+- (25,-) @25"]);
    expect(metrics.late).toBe(2);
  });

  test("elements may say themselves that nothing holds from their time on", () => {
    const { left, right, at } = joining({ type: "left", deletes: (value) => value === "gone" });
    right("x", 10);
    right("gone", 20);
    left("a", 19);
    left("b", 20);
    expect(at(30)).toEqual(["a+x (19,10) @19", "b+- (20,-) @20"]);
  });
});

describe("what a temporal join keeps", () => {
  test("is the version that holds, and those to come; elements until the watermark has reached them", () => {
    const { left, right, at, state, commit } = joining();
    right("x", 10);
    right("y", 20);
    right("z", 30);
    left("a", 25);
    at(25);
    const delta = commit();
    expect(delta?.mapKey).toEqual([20, 30]);
    expect(state.keyCount).toBe(1);
  });

  test("another instance goes on from the commit, with the same results, and cleans up", () => {
    const [one, other] = [joining({ type: "left" }), joining({ type: "left" })];
    one.right("x", 10);
    one.right("y", 20);
    one.left("a", 15);
    one.at(12);
    other.apply(one.commit(), 12);
    for (const each of [one, other]) {
      expect(each.at(20)).toEqual(["a+x (15,10) @15"]);
      each.left("b", 21);
      expect(each.at(30)).toEqual(["b+y (21,20) @21"]);
      each.left("c", 14);
      expect(each.at(31)).toEqual(["c+- (14,-) @14"]);
      each.commit();
    }
    expect(other.state.bytes).toBe(one.state.bytes);
  });

  test("undo takes back what came, what was given and what was cleared", () => {
    const one = joining();
    one.right("x", 10);
    one.left("a", 15);
    one.commit();
    one.right("y", 12);
    one.at(20);
    one.undo();
    one.take();
    expect(one.at(20)).toEqual(["a+x (15,10) @15"]);
  });

  test("keys don't meet", () => {
    const one = joining({ type: "left" });
    one.element("other", ["right", "x"], 10);
    one.left("a", 15);
    expect(one.at(20)).toEqual(["a+- (15,-) @15"]);
  });

  test("a function may change what it is given", () => {
    const given: string[] = [];
    const own = (text: string) => [text] as unknown as string;
    const { left, right, at } = joining({
      join(one: string[], version: string[]) {
        given.push(`${one.join()}+${version.join()}`);
        version.push("spoilt");
        return given.length;
      },
    });
    right(own("x"), 10);
    left(own("a"), 10);
    left(own("b"), 11);
    at(20);
    expect(given).toEqual(["a+x", "b+x"]);
  });

  test("a timer that fails for good takes its elements along, and leaves versions", () => {
    const one = joining();
    one.right("x", 10);
    one.left("a", 15);
    one.watermark(20, (_, timer) => timer.timeMs !== 15);
    expect(one.take()).toEqual([]);
    one.left("b", 25);
    expect(one.at(30)).toEqual(["b+x (25,10) @25"]);
  });
});
