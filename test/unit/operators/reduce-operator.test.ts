import { expect, test } from "vitest";
import type { ReduceFunction } from "../../../runtime/graph/functions.ts";
import { reduceOperator } from "../../../runtime/operators/reduce-operator.ts";
import { harness, short } from "../windows/harness.ts";

// oxlint-disable-next-line typescript/no-explicit-any
const reducing = (fn: ReduceFunction<any>) =>
  harness((parts) =>
    reduceOperator({ kind: "reduce", id: 1, name: "total", uid: "total", inputs: [], fn }, parts),
  );

test("every element gives the new value of its key, with the element's time", () => {
  const totals = reducing((left, right) => left + right);
  totals.element("a", 1, 5);
  totals.element("b", 10, 6);
  totals.element("a", 2, 3);
  expect(short(totals.take())).toEqual(["insert 1 @5", "insert 10 @6", "replace 3 @3"]);
});

test("a reduce in place changes neither its input nor what it has emitted", () => {
  const totals = reducing((left, right) => {
    left.n += right.n;
    return left;
  });
  const first = { n: 1 };
  totals.element("a", first, 0);
  totals.element("a", { n: 2 }, 1);
  totals.element("a", { n: 4 }, 2);
  expect(first).toEqual({ n: 1 });
  expect(totals.take().map(({ value }) => value)).toEqual([{ n: 1 }, { n: 3 }, { n: 7 }]);
});

test("a reduce that answers an element keeps no hold of it", () => {
  const totals = reducing((left, right) => {
    left.seen += 1;
    return left.n > right.n ? left : right;
  });
  const larger = { n: 5, seen: 0 };
  totals.element("a", { n: 1, seen: 0 }, 0);
  totals.element("a", larger, 1);
  totals.element("a", { n: 2, seen: 0 }, 2);
  expect(larger).toEqual({ n: 5, seen: 0 });
});

test("after an undo, and in an instance that takes over, the reduce goes on from the last commit", () => {
  const totals = reducing((left, right) => left + right);
  totals.element("a", 1, 0);
  const other = reducing((left, right) => left + right);
  other.apply(totals.commit());
  totals.take();
  totals.element("a", 100, 1);
  totals.undo();
  totals.take();
  for (const each of [totals, other]) {
    each.element("a", 2, 2);
    expect(short(each.take())).toEqual(["replace 3 @2"]);
  }
});

test("what the function throws names the operator", () => {
  const totals = reducing(() => {
    throw new Error("no");
  });
  totals.element("a", 1, 0);
  expect(() => totals.element("a", 1, 0)).toThrow(expect.objectContaining({ operator: "total" }));
});

test("a value with a time to live begins anew behind it, with a new result, and is counted anew", () => {
  const ttl = {
    afterMs: 10,
    update: "onCreateAndWrite",
    visibility: "neverReturnExpired",
    time: "event",
  } as const;
  const totals = harness((parts) =>
    reduceOperator(
      {
        kind: "reduce",
        id: 1,
        name: "total",
        uid: "total",
        inputs: [],
        fn: (left, right) => left + right,
        retract: (left, right) => left - right,
        ttl,
      },
      parts,
    ),
  );
  totals.element("a", 1, 0);
  totals.element("a", 2, 9);
  totals.element("a", 4, 19);
  totals.element("a", 8, 20);
  // Nothing is left that the value before could be taken out of.
  totals.element("a", 16, 40, "replace", 8);
  totals.element("a", 16, 50, "delete");
  expect(short(totals.take())).toEqual([
    "insert 1 @0",
    "replace 3 @9",
    "insert 4 @19",
    "replace 12 @20",
    "insert 16 @40",
  ]);
  totals.element("b", 1, 0);
  totals.watermark(50);
  totals.subtask.expire(100);
  totals.commit();
  expect([totals.state.keyCount, totals.state.bytes]).toEqual([0, 0]);
});
