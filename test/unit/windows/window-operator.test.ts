import { expect, test } from "vitest";
import type { WindowComputation } from "../../../runtime/graph/node.ts";
import { UserCodeFailure } from "../../../runtime/operators/contract.ts";
import { listing, short, sliding, sum, tumbling, windowHarness } from "./harness.ts";

test("a window fires when the watermark reaches its last timestamp, with that timestamp", () => {
  const windows = windowHarness(tumbling(10), sum);
  windows.element("a", 1, 3);
  windows.element("b", 5, 4);
  windows.element("a", 2, 9);
  windows.watermark(8);
  expect(windows.take()).toEqual([]);
  windows.watermark(9);
  expect(windows.take()).toEqual([
    { key: "a", value: 3, timestampMs: 9, change: "insert" },
    { key: "b", value: 5, timestampMs: 9, change: "insert" },
  ]);
});

test("without allowed lateness a window's state goes when it fires", () => {
  const windows = windowHarness(tumbling(10), sum);
  windows.element("a", 1, 3);
  windows.commit();
  windows.watermark(9);
  windows.commit();
  expect([windows.state.keyCount, windows.state.bytes]).toEqual([0, 0]);
  expect(windows.eventTimers.first).toBeUndefined();
});

test("windows fire in the order of their ends, whatever the order of their elements", () => {
  const windows = windowHarness(tumbling(10), listing);
  windows.element("a", "late", 25);
  windows.element("b", "early", 5);
  windows.element("a", "middle", 15);
  windows.watermark(100);
  expect(windows.take().map(({ timestampMs }) => timestampMs)).toEqual([9, 19, 29]);
});

test("a late element within the allowed lateness fires its window again, as a replacement", () => {
  const windows = windowHarness(tumbling(10), sum, { allowedLatenessMs: 5 });
  windows.element("a", 1, 3);
  windows.watermark(10);
  windows.element("a", 2, 4);
  windows.element("a", 3, 9);
  expect(short(windows.take())).toEqual(["insert 1 @9", "replace 3 @9", "replace 6 @9"]);
});

test("the first element of a window within its allowed lateness fires it at once, as an insert", () => {
  const windows = windowHarness(tumbling(10), sum, { allowedLatenessMs: 5 });
  windows.watermark(13);
  windows.element("a", 1, 3);
  expect(short(windows.take())).toEqual(["insert 1 @9"]);
  windows.watermark(14);
  windows.commit();
  expect(windows.state.keyCount).toBe(0);
  expect(windows.take()).toEqual([]);
});

test("a window takes elements until the watermark reaches its last timestamp plus the allowed lateness", () => {
  const windows = windowHarness(tumbling(10), sum, { allowedLatenessMs: 5 });
  windows.element("a", 1, 3);
  windows.watermark(13);
  windows.element("a", 2, 3);
  windows.watermark(14);
  windows.element("a", 4, 3);
  expect(short(windows.take())).toEqual(["insert 1 @9", "replace 3 @9"]);
  expect(windows.metrics.late).toBe(1);
});

test("a window whose result fails for good keeps what it holds, and gives it with the next late element", () => {
  const windows = windowHarness(tumbling(10), sum, { allowedLatenessMs: 5 });
  for (const value of [1, 1, 1]) windows.element("a", value, 3);
  windows.watermark(9, () => false);
  const cold = windowHarness(tumbling(10), sum, { allowedLatenessMs: 5 });
  cold.apply(windows.commit(), 9);
  for (const each of [windows, cold]) {
    // It is not tried again by itself.
    each.watermark(10);
    expect(each.take()).toEqual([]);
    each.element("a", 1, 4);
    // Not with the element: should it fail again, then that is no fault of the element.
    expect(each.take()).toEqual([]);
    each.watermark(11);
    expect(short(each.take())).toEqual(["insert 4 @9"]);
    each.element("a", 1, 4);
    expect(short(each.take())).toEqual(["replace 5 @9"]);
    each.watermark(14);
    each.commit();
    expect(each.take()).toEqual([]);
    expect([each.state.keyCount, each.eventTimers.size]).toEqual([0, 0]);
  }
});

test("a window whose result fails for good goes when its lateness is over, with all that it kept", () => {
  const windows = windowHarness(tumbling(10), listing, { allowedLatenessMs: 5 });
  windows.element("a", "x", 3);
  windows.watermark(9, () => false);
  windows.commit();
  expect(windows.state.keyCount).toBe(1);
  windows.watermark(14);
  windows.commit();
  expect([windows.take(), windows.state.keyCount]).toEqual([[], 0]);
});

test("a watermark that passes the end and the lateness at once fires, then clears", () => {
  const windows = windowHarness(tumbling(10), sum, { allowedLatenessMs: 5 });
  windows.element("a", 1, 3);
  windows.watermark(1000);
  windows.commit();
  expect(short(windows.take())).toEqual(["insert 1 @9"]);
  expect(windows.state.keyCount).toBe(0);
});

test("late elements go to the side output with their own time and change, and are counted", () => {
  const windows = windowHarness(tumbling(10), sum, { lateTag: "late" });
  windows.watermark(9);
  windows.element("a", 7, 3, "delete");
  windows.element("a", 8, 10);
  expect(short(windows.take())).toEqual(["late: delete 7 @3"]);
  expect(windows.metrics.late).toBe(1);
});

test("an element that is late for some sliding windows counts in the others, and is not late", () => {
  const windows = windowHarness(sliding(10, 5), listing, { lateTag: "late" });
  windows.element("a", "x", 7);
  windows.watermark(9);
  windows.element("a", "y", 8);
  windows.watermark(14);
  expect(short(windows.take())).toEqual(["insert 0-10: x @9", "insert 5-15: x y @14"]);
  expect(windows.metrics.late).toBe(0);
});

test("an element between sliding windows with gaps is only late once the watermark has passed it", () => {
  const windows = windowHarness(sliding(3, 10), sum, { lateTag: "late" });
  windows.watermark(4);
  windows.element("a", 1, 5);
  expect([windows.take(), windows.metrics.late]).toEqual([[], 0]);
  windows.element("a", 1, 4);
  expect(windows.metrics.late).toBe(1);
});

test("a lateness beyond the safe integers keeps windows for ever", () => {
  const windows = windowHarness(tumbling(10), sum, { allowedLatenessMs: Number.MAX_SAFE_INTEGER });
  windows.element("a", 1, 13);
  windows.watermark(8_640_000_000_000_000);
  windows.element("a", 2, 13);
  expect(short(windows.take())).toEqual(["insert 1 @19", "replace 3 @19"]);
  expect(windows.eventTimers.first).toBeUndefined();
});

test("a reduce that changes its accumulator in place changes no element and no result", () => {
  const reduce = (left: { n: number }, right: { n: number }) => {
    left.n += right.n;
    return left;
  };
  const windows = windowHarness(
    sliding(10, 5),
    { kind: "reduce", reduce },
    { allowedLatenessMs: 50 },
  );
  const first = { n: 1 };
  windows.element("a", first, 7);
  windows.element("a", { n: 2 }, 8);
  windows.watermark(14);
  windows.element("a", { n: 4 }, 6);
  expect(first).toEqual({ n: 1 });
  expect(windows.take().map(({ value }) => value)).toEqual([
    { n: 3 },
    { n: 3 },
    { n: 7 },
    { n: 7 },
  ]);
});

test("a result function gets the key, the window, the watermark and the change", () => {
  const seen: unknown[] = [];
  const windows = windowHarness(
    tumbling(10),
    {
      ...sum,
      result: (total: number, context) => {
        seen.push(context);
        return `${String(context.key)}=${total}`;
      },
    } as WindowComputation,
    { allowedLatenessMs: 9 },
  );
  windows.element("a", 1, 3);
  windows.watermark(11);
  windows.element("a", 1, 3);
  const window = { startMs: 0, endMs: 10 };
  const own = { key: "a", window, watermarkMs: 11, nowMs: 0, globalState: {} };
  expect(seen).toEqual([
    { ...own, change: "insert" },
    { ...own, change: "replace" },
  ]);
  expect(short(windows.take())).toEqual(["insert a=1 @9", "replace a=2 @9"]);
});

test("a process window sees its elements in the order of arrival and may give many results", () => {
  const windows = windowHarness(tumbling(10), {
    kind: "process",
    process: (elements) => elements.map((element) => `<${String(element)}>`),
  });
  for (const [value, ms] of [
    ["x", 5],
    ["y", 2],
    ["z", 9],
  ] as const)
    windows.element("a", value, ms);
  windows.watermark(9);
  expect(short(windows.take())).toEqual(["insert <x> @9", "insert <y> @9", "insert <z> @9"]);
});

test("an append to a process window writes one element and the window's count; clearing leaves nothing", () => {
  const windows = windowHarness(tumbling(10), listing);
  for (let index = 0; index < 20; index++) windows.element("a", index, 3);
  expect(windows.commit()?.key.length).toBe(21);
  windows.element("a", 20, 3);
  expect(windows.commit()?.mapKey).toEqual(["0/10", "0/10/20"]);
  windows.watermark(9);
  windows.commit();
  expect([windows.state.keyCount, windows.state.bytes]).toEqual([0, 0]);
});

test("what user code throws names the operator and keeps its cause", () => {
  const cause = new Error("bad element");
  const windows = windowHarness(tumbling(10), {
    kind: "aggregate",
    aggregate: {
      create: () => 0,
      add: () => {
        throw cause;
      },
      result: () => 0,
    },
  });
  expect(() => windows.element("a", 1, 3)).toThrow(
    expect.objectContaining({ operator: "hourly", cause }),
  );
  expect(() => windows.element("a", 1, 3)).toThrow(UserCodeFailure);
});

test.each([
  ["aggregate", sum],
  ["process", listing],
] as const)("after an undo the same input to an %s window gives the same results", (_, compute) => {
  const windows = windowHarness(tumbling(10), compute, { allowedLatenessMs: 5 });
  windows.element("a", 1, 3);
  windows.commit();
  const run = () => {
    windows.element("a", 2, 4);
    windows.element("a", 3, 14);
    windows.watermark(10);
    windows.element("a", 4, 5);
    windows.watermark(40);
    return windows.take();
  };
  const first = run();
  windows.undo();
  expect(run()).toEqual(first);
  expect(first).toHaveLength(3);
});

test.each([
  ["aggregate", sum],
  ["process", listing],
] as const)(
  "an instance that takes over the state of an %s window goes on as the first would",
  (_, compute) => {
    const options = { allowedLatenessMs: 20 };
    const first = windowHarness(sliding(10, 5), compute, options);
    const second = windowHarness(sliding(10, 5), compute, options);
    first.element("a", 1, 3);
    second.apply(first.commit());
    first.element("b", 2, 7);
    first.watermark(9);
    first.element("a", 5, 12);
    second.apply(first.commit(), 9);
    first.take();
    for (const windows of [first, second]) {
      windows.element("a", 4, 8);
      windows.watermark(60);
      windows.commit();
    }
    expect(second.take()).toEqual(first.take());
    expect([first.state.keyCount, second.state.keyCount]).toEqual([0, 0]);
  },
);
