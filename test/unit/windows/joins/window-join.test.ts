import { describe, expect, test } from "vitest";
import { countEvictor, countTrigger, purgingTrigger } from "../../../../runtime/index.ts";
import type { OperatorParts } from "../../../../runtime/operators/contract.ts";
import type {
  WindowJoinComputation,
  WindowJoinNode,
} from "../../../../runtime/graph/window-join.ts";
import { windowJoinOperator } from "../../../../runtime/windows/joins/window-join-operator.ts";
import { harness, session, sliding, tumbling } from "../harness.ts";

type Rules = Partial<WindowJoinNode> & Pick<WindowJoinNode, "assigner">;
type Modes = Partial<Pick<OperatorParts, "gives">>;

const pairs = (type: "inner" | "left" | "right" | "full" = "inner"): WindowJoinComputation => ({
  kind: "join",
  type,
  join: (left, right) => `${left ?? "-"}+${right ?? "-"}`,
});
const both: WindowJoinComputation = {
  kind: "coGroup",
  coGroup: (left, right) => [`${left.join(" ")} | ${right.join(" ")}`],
};

/** A join of texts in windows, one element or watermark after the other. */
function joining(rules: Rules, modes: Modes = {}) {
  const node: WindowJoinNode = {
    kind: "windowJoin",
    id: 1,
    name: "met",
    uid: "met",
    inputs: [],
    allowedLatenessMs: 0,
    leftLateTag: "late left",
    rightLateTag: "late right",
    compute: both,
    ...rules,
  };
  const one = harness((parts) => {
    const { pushes, ...operator } = windowJoinOperator(node, parts);
    return {
      ...operator,
      push: ([side, value], ...rest) => pushes[side === "left" ? 0 : 1]?.(value, ...rest),
    };
  }, modes);
  const told = () =>
    one.take().map(({ value, timestampMs, change, tag }) => {
      const what = change === "insert" ? "" : `${change} `;
      return tag === undefined
        ? `${what}${String(value)} @${timestampMs}`
        : `${tag} ${String(value)}`;
    });
  const come = (side: string) => (value: string, ms: number) => (
    one.element("k", [side, value], ms),
    told()
  );
  return {
    ...one,
    left: come("left"),
    right: come("right"),
    at: (ms: number) => (one.watermark(ms), told()),
    told,
  };
}

/** Each as Flink 1.20 answers for its join or coGroup of two streams, asked step by step; it drops what is late. */
describe("two streams in windows, as Flink's", () => {
  test("a join gives all pairs of a window at its last timestamp, those of the first left element first", () => {
    const { left, right, at } = joining({ assigner: tumbling(10), compute: pairs() });
    right("x", 1);
    left("a", 9);
    left("b", 0);
    right("y", 9);
    right("z", 10);
    expect(at(8)).toEqual([]);
    expect(at(9)).toEqual(["a+x @9", "a+y @9", "b+x @9", "b+y @9"]);
    expect(left("late", 9)).toEqual(["late left late"]);
    expect(right("late", 0)).toEqual(["late right late"]);
    left("c", 10);
    expect(at(19)).toEqual(["c+z @19"]);
  });

  test("a window fires again for late elements of either side, until the lateness is over", () => {
    const { left, right, at } = joining({ assigner: tumbling(10), allowedLatenessMs: 5 });
    left("a", 1);
    right("x", 2);
    expect(at(9)).toEqual(["a | x @9"]);
    expect(right("y", 3)).toEqual(["replace a | x y @9"]);
    expect(at(13)).toEqual([]);
    expect(left("b", 4)).toEqual(["replace a b | x y @9"]);
    expect(at(14)).toEqual([]);
    expect(left("c", 5)).toEqual(["late left c"]);
    right("only", 25);
    expect(at(100)).toEqual([" | only @29"]);
  });

  test("sliding windows", () => {
    const { left, right, at } = joining({ assigner: sliding(10, 5) });
    left("a", 3);
    right("x", 7);
    left("b", 12);
    expect([4, 9, 14, 19, 24].map(at)).toEqual([
      ["a |  @4"],
      ["a | x @9"],
      ["b | x @14"],
      ["b |  @19"],
      [],
    ]);
  });

  test("an element of either side joins sessions of both", () => {
    const { left, right, at } = joining({ assigner: session(5), compute: pairs() });
    left("a", 0);
    right("x", 10);
    expect(at(3)).toEqual([]);
    right("m", 5);
    expect(at(14)).toEqual(["a+x @14", "a+m @14"]);
    expect(left("late", 2)).toEqual(["late left late"]);
    left("n", 20);
    right("o", 24);
    expect(at(28)).toEqual(["n+o @28"]);
  });

  test("a late element joins sessions that have fired; what they gave is withdrawn, which Flink does not do", () => {
    const { left, right, at } = joining({ assigner: session(5), allowedLatenessMs: 10 });
    left("a", 0);
    right("x", 10);
    expect(at(4)).toEqual(["a |  @4"]);
    expect(left("b", 4)).toEqual(["delete a |  @4"]);
    expect(at(14)).toEqual(["a b |  @8", " | x @14"]);
    expect(right("m", 5)).toEqual(["delete a b |  @8", "delete  | x @14", "a b | x m @14"]);
    expect(at(25)).toEqual([]);
    expect(left("gone", 5)).toEqual(["late left gone"]);
  });

  test("a trigger counts the elements of both sides", () => {
    const { left, right, at } = joining({ assigner: tumbling(10), trigger: countTrigger(2) });
    left("a", 1);
    expect(right("x", 2)).toEqual(["a | x @9"]);
    left("b", 3);
    expect(right("y", 4)).toEqual(["replace a b | x y @9"]);
    left("c", 5);
    expect(at(9)).toEqual([]);
  });

  test("a trigger that purges forgets those of both", () => {
    const trigger = purgingTrigger(countTrigger(2));
    const { left, right, at } = joining({ assigner: tumbling(10), trigger });
    left("a", 1);
    expect(right("x", 2)).toEqual(["a | x @9"]);
    left("b", 3);
    expect(left("c", 4)).toEqual(["b c |  @9"]);
    expect(at(9)).toEqual([]);
  });

  test("an evictor sees both in the order in which they came", () => {
    const { left, right, at } = joining({
      assigner: tumbling(10),
      evictor: countEvictor({ max: 2 }),
    });
    left("a", 1);
    left("b", 3);
    right("x", 2);
    expect(at(9)).toEqual(["b | x @9"]);
  });

  test("a trigger over sessions goes on counting when they become one", () => {
    const { left, right, at } = joining({ assigner: session(5), trigger: countTrigger(3) });
    left("a", 0);
    right("x", 8);
    expect(left("b", 4)).toEqual(["a b | x @12"]);
    right("y", 4);
    left("c", 5);
    expect(left("d", 6)).toEqual(["replace a b c d | x y @12"]);
    expect(at(50)).toEqual([]);
  });
});

describe("outer joins in windows", () => {
  const lonely = { inner: [], left: ["a+- @9"], right: ["-+y @19"], full: ["a+- @9", "-+y @19"] };

  test.each(Object.entries(lonely))("%s", (type, expected) => {
    const compute = pairs(type as keyof typeof lonely);
    const { left, right, at, told } = joining({ assigner: tumbling(10), compute });
    left("a", 1);
    right("y", 11);
    left("b", 21);
    right("z", 22);
    expect([at(9), at(19), at(29)].flat()).toEqual([...expected, "b+z @29"]);
    expect(told()).toEqual([]);
  });

  test("a late partner takes back that an element stood alone, and a late pair leaves the others", () => {
    const compute = pairs("left");
    const { left, right, at } = joining(
      { assigner: tumbling(10), compute, allowedLatenessMs: 5 },
      { gives: "retract" },
    );
    left("a", 1);
    left("b", 2);
    expect(at(9)).toEqual(["a+- @9", "b+- @9"]);
    expect(right("x", 3)).toEqual(["delete a+- @9", "delete b+- @9", "a+x @9", "b+x @9"]);
  });
});

describe("what two streams in windows keep", () => {
  test("another instance goes on from the commit, with the same results, and nothing is left", () => {
    const rules = { assigner: session(5), compute: pairs("full") };
    const [one, other] = [joining(rules), joining(rules)];
    one.left("a", 0);
    one.right("x", 10);
    one.at(3);
    other.apply(one.commit(), 3);
    for (const each of [one, other]) {
      each.right("m", 5);
      expect(each.at(100)).toEqual(["a+x @14", "a+m @14"]);
      each.commit();
      expect([each.state.keyCount, each.state.bytes, each.eventTimers.size]).toEqual([0, 0, 0]);
    }
  });

  test("a function may change what it is given", () => {
    const given: string[] = [];
    const { left, right, at } = joining({
      assigner: tumbling(10),
      compute: {
        kind: "join",
        type: "inner",
        join(one: string[], other: string[]) {
          given.push(`${one.join()}+${other.join()}`);
          one.push("spoilt");
          other.push("spoilt");
          return given.length;
        },
      },
    });
    const own = (text: string) => [text] as unknown as string;
    left(own("a"), 1);
    left(own("b"), 1);
    right(own("x"), 1);
    right(own("y"), 1);
    at(9);
    expect(given).toEqual(["a+x", "a+y", "b+x", "b+y"]);
  });
});

test("a window that would give more results than a step can hold is refused before it makes any", () => {
  const { left, right, at } = joining({ assigner: tumbling(10_000), compute: pairs() });
  for (let n = 0; n < 501; n++) {
    left(`l${n}`, n);
    right(`r${n}`, n);
  }
  expect(() => at(10_000)).toThrow(/501 × 501 rows of one key would give 251001 results at once/);
});
