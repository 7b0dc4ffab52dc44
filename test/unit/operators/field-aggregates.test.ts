import { describe, expect, test } from "vitest";
import type { KeyedStream, ResultStream } from "../../../runtime/index.ts";
import type { ReduceNode } from "../../../runtime/graph/node.ts";
import { reduceOperator } from "../../../runtime/operators/reduce-operator.ts";
import { graphOf, append } from "../plan/fixture/jobs.ts";
import { orders, type Order } from "../plan/fixture/jobs.ts";
import { harness } from "../windows/harness.ts";

type Rolling = (keyed: KeyedStream<Order, string>) => ResultStream<Order>;

/** The operator that a method makes, over elements `{ shop, item, amount, placedMs }`. */
function rolling(build: Rolling) {
  const graph = graphOf((env) =>
    build(orders(env).keyBy("shop")).sinkTo(append(), { uid: "rows" }),
  );
  const node = graph.nodes.find(({ kind }) => kind === "reduce") as ReduceNode;
  const one = harness((parts) => reduceOperator(node, parts));
  const told = () =>
    one.take().map(({ value, change }) => {
      const { item, amount } = value as Order;
      return `${change} ${item} ${String(amount)}`;
    });
  return {
    ...one,
    told,
    /** What comes of elements with these amounts, which are called a, b, c … */
    of(...amounts: readonly unknown[]) {
      for (const [at, amount] of amounts.entries())
        one.element("k", { item: "abcdefgh"[at], amount }, at);
      return told();
    },
  };
}

/** Answers of Flink 1.20 for 5, 3, 3, NaN, 9, 9: the field, and the number of the element that the rest is of. */
describe("rolling aggregates of a field, as Flink's", () => {
  const given = [5, 3, 3, Number.NaN, 9, 9];
  test.each<[string, Rolling, string]>([
    ["sum", (keyed) => keyed.sum("amount", { uid: "u" }), "a5 a8 a11 aNaN aNaN aNaN"],
    ["min", (keyed) => keyed.min("amount", { uid: "u" }), "a5 a3 a3 a3 a3 a3"],
    ["max", (keyed) => keyed.max("amount", { uid: "u" }), "a5 a5 a5 aNaN aNaN aNaN"],
    ["minBy", (keyed) => keyed.minBy("amount", { uid: "u" }), "a5 b3 b3 b3 b3 b3"],
    ["maxBy", (keyed) => keyed.maxBy("amount", { uid: "u" }), "a5 a5 a5 dNaN dNaN dNaN"],
    [
      "the last of minBy",
      (keyed) => keyed.minBy("amount", { uid: "u", takes: "last" }),
      "a5 b3 c3 c3 c3 c3",
    ],
    [
      "the last of maxBy",
      (keyed) => keyed.maxBy("amount", { uid: "u", takes: "last" }),
      "a5 a5 a5 dNaN dNaN dNaN",
    ],
  ])("%s", (_, build, expected) => {
    const results = rolling(build).of(...given);
    expect(results[0]).toBe("insert a 5");
    expect(results.map((text) => text.replace(/^\w+ (\w) /, "$1")).join(" ")).toBe(expected);
  });
});

describe("rolling aggregates of a field", () => {
  test("compare texts by their units, times by their moments, and add up bigints", () => {
    const least: Rolling = (keyed) => keyed.minBy("amount", { uid: "u" });
    expect(rolling(least).of("b", "a", "Z").at(-1)).toBe("replace c Z");
    const times = [new Date(9), new Date(8), new Date(10)];
    expect(
      rolling(least)
        .of(...times)
        .at(-1),
    ).toContain("replace b");
    const sum: Rolling = (keyed) => keyed.sum("amount", { uid: "u" });
    expect(
      rolling(sum)
        .of(2n ** 60n, 1n)
        .at(-1),
    ).toBe("replace a 1152921504606846977");
  });

  test.each<[string, Rolling, readonly unknown[], RegExp]>([
    ["null", (keyed) => keyed.sum("amount", { uid: "u" }), [null], /is null; it must be a number/],
    ["a text", (keyed) => keyed.sum("amount", { uid: "u" }), [1, "2"], /is "2"; it must be/],
    ["an object", (keyed) => keyed.maxBy("amount", { uid: "u" }), [{}], /must be a number, a text/],
    [
      "mixed",
      (keyed) => keyed.max("amount", { uid: "u" }),
      [1, "2"],
      /is a string, and was a number/,
    ],
    ["bigints", (keyed) => keyed.sum("amount", { uid: "u" }), [1, 2n], /is a bigint, and was/],
  ])(
    "refuse %s, also as the first of a key, and go on from the others",
    (_, build, given, message) => {
      const one = rolling(build);
      expect(() => one.of(...given)).toThrow(message);
      one.undo();
      one.take();
      expect(one.of(4)).toEqual(["insert a 4"]);
    },
  );

  test("a sum that retracts takes back what was replaced or withdrawn", () => {
    const one = rolling((keyed) => keyed.sum("amount", { uid: "u", retracts: true }));
    one.element("k", { item: "a", amount: 5 }, 1);
    one.element("k", { item: "b", amount: 7 }, 2, "replace", { item: "a", amount: 5 });
    one.element("k", { item: "c", amount: 2 }, 3);
    one.element("k", { item: "b", amount: 7 }, 4, "delete");
    one.element("k", { item: "c", amount: 2 }, 5, "delete");
    expect(one.told()).toEqual([
      "insert a 5",
      "replace b 7",
      "replace b 9",
      "replace b 2",
      "delete b 2",
    ]);
  });
});
