import { describe, expect, test } from "vitest";
import { type ValueState, valueState, type WindowContext } from "../../../runtime/index.ts";
import type { WindowComputation } from "../../../runtime/graph/node.ts";
import { type Harness, session, short, sum, tumbling, windowHarness } from "./harness.ts";

type Context = WindowContext<string> & {
  readonly globalState: { readonly total: ValueState<number> };
};

const globalState = { total: valueState<number>() };

/** The sum of each window beside that of all results of the key so far. */
const running = {
  ...sum,
  result(own: number, { globalState: { total } }: Context) {
    total.set((total.get() ?? 0) + own);
    return `${own} of ${total.get()}`;
  },
} as WindowComputation;

describe("state that a window's function keeps of a key", () => {
  const create = (allowedLatenessMs = 0) =>
    windowHarness(tumbling(10), running, { globalState, allowedLatenessMs });

  /** Goes on with an instance that knows only what is committed. */
  function cold(windows: Harness, next = create()): Harness {
    windows.commit();
    next.apply(windows.state.snapshot(), windows.subtask.watermarkMs);
    return next;
  }

  test("is shared by its windows, outlives them, and is that of no other key", () => {
    let windows = create();
    windows.element("a", 1, 3);
    windows.element("b", 5, 3);
    windows.watermark(9);
    expect(short(windows.take())).toEqual(["insert 1 of 1 @9", "insert 5 of 5 @9"]);
    windows = cold(windows);
    windows.element("a", 2, 13);
    windows.watermark(19);
    expect(short(windows.take())).toEqual(["insert 2 of 3 @19"]);
    windows.commit();
    expect(windows.state.cellNames()).toContain("hourly/total");
    expect(windows.state.keyCount).toBe(2);
  });

  test("expires by the time of the window that fires, however far the watermark has jumped", () => {
    const ttl = { after: { milliseconds: 10 }, time: "event" } as const;
    const windows = windowHarness(tumbling(10), running, {
      globalState: { total: valueState<number>({ ttl }) },
    });
    for (const atMs of [3, 13, 43]) windows.element("a", 1, atMs);
    windows.watermark(100);
    // 9 and 19 are 10 apart: it has expired with the second one.
    expect(short(windows.take())).toEqual([
      "insert 1 of 1 @9",
      "insert 1 of 1 @19",
      "insert 1 of 1 @49",
    ]);
    windows.element("a", 1, 101);
    windows.element("a", 1, 104);
    windows.watermark(109);
    windows.subtask.expire(10);
    windows.commit();
    windows.element("a", 1, 111);
    windows.watermark(118);
    windows.subtask.expire(10);
    windows.commit();
    expect(windows.state.keyCount).toBe(1);
    expect(short(windows.take())).toEqual(["insert 2 of 2 @109"]);
  });

  test("goes back with a batch that is undone", () => {
    const windows = create();
    windows.element("a", 1, 3);
    windows.commit();
    windows.watermark(9);
    windows.undo();
    windows.take();
    windows.watermark(9);
    expect(short(windows.take())).toEqual(["insert 1 of 1 @9"]);
  });

  test("sees each result once: what is withdrawn is what was given", () => {
    const windows = windowHarness(session(5), running, { globalState, allowedLatenessMs: 20 });
    windows.element("a", 1, 0);
    windows.watermark(4);
    windows.element("a", 2, 3);
    windows.watermark(7);
    expect(short(windows.take())).toEqual([
      "insert 1 of 1 @4",
      "delete 1 of 1 @4",
      "insert 3 of 4 @7",
    ]);
  });

  test("of windows whose state is kept by functions of a trigger as well", () => {
    const windows = windowHarness(tumbling(10), running, {
      globalState,
      accumulation: "discarding",
      allowedLatenessMs: 5,
    });
    windows.element("a", 1, 3);
    windows.watermark(9);
    windows.element("a", 2, 3);
    expect(short(windows.take())).toEqual(["insert 1 of 1 @9", "insert 2 of 3 @9"]);
  });
});

test("a window's function is told the processing time", () => {
  const timed = { ...sum, result: (_: number, { nowMs }: Context) => nowMs } as WindowComputation;
  const windows = windowHarness(tumbling(10), timed);
  windows.processingTime(1_234);
  windows.element("a", 1, 3);
  windows.watermark(9);
  expect(short(windows.take())).toEqual(["insert 1234 @9"]);
});
