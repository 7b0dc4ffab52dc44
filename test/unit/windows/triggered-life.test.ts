import { describe, expect, test } from "vitest";
import {
  countEvictor,
  countTrigger,
  customTrigger,
  type Timestamped,
  type TriggerContext,
  type TriggerResult,
} from "../../../runtime/index.ts";
import { UserCodeFailure } from "../../../runtime/operators/contract.ts";
import { listing, session, short, sum, tumbling, windowHarness } from "./harness.ts";

/** Fires one unit of time after each element, and notes what it is called for. */
function noting(calls: string[]) {
  const at = ({ window, timestampMs }: TriggerContext<number>) =>
    `${window.startMs}-${window.endMs} @${timestampMs}`;
  return customTrigger({
    name: "noting",
    state: () => 0,
    onElement(value: number, ctx) {
      calls.push(`element ${value} ${at(ctx)} after ${ctx.state.get()}`);
      ctx.state.set(ctx.state.get() + 1);
      ctx.timers.setEvent(ctx.timestampMs + 1);
      return "continue";
    },
    onEventTime(ctx) {
      calls.push(`event ${at(ctx)}`);
      return "fire";
    },
    onMerge(ctx) {
      const { merged, state, window, timers } = ctx;
      const parts = merged.map((each) => `${each.window.startMs}-${each.window.endMs}`);
      calls.push(`merge ${parts.join(" ")} to ${window.startMs}-${window.endMs}`);
      state.set(merged.reduce((count, each) => count + each.state, 0));
      timers.setEvent(window.endMs - 1);
    },
    clear: (ctx) => calls.push(`clear ${at(ctx)} of ${ctx.state.get()}`),
  });
}

describe("a trigger of one's own", () => {
  test("is called for elements, for times that it has set, and for the end of the window", () => {
    const calls: string[] = [];
    const windows = windowHarness(tumbling(10), sum, { trigger: noting(calls) });
    windows.element("a", 1, 2);
    windows.element("a", 2, 4);
    windows.watermark(9);
    expect(calls).toEqual([
      "element 1 0-10 @2 after 0",
      "element 2 0-10 @4 after 1",
      "event 0-10 @3",
      "event 0-10 @5",
      "event 0-10 @9",
      "clear 0-10 @9 of 2",
    ]);
    expect(short(windows.take())).toEqual(["insert 3 @9", "replace 3 @9", "replace 3 @9"]);
    windows.commit();
    expect([windows.state.keyCount, windows.state.bytes]).toEqual([0, 0]);
  });

  test("makes the state of a merged session from those that it was, whose timers say nothing any more", () => {
    const calls: string[] = [];
    const windows = windowHarness(session(5), sum, { trigger: noting(calls) });
    windows.element("a", 1, 0);
    windows.element("a", 2, 10);
    windows.element("a", 4, 5);
    expect(calls.splice(0)).toEqual([
      "element 1 0-5 @0 after 0",
      "element 2 10-15 @10 after 0",
      "merge 0-5 10-15 to 0-15",
      "clear 0-5 @5 of 1",
      "clear 10-15 @5 of 1",
      "element 4 0-15 @5 after 2",
    ]);
    windows.watermark(14);
    expect(calls).toEqual(["event 0-15 @6", "event 0-15 @14", "clear 0-15 @14 of 3"]);
    windows.commit();
    expect(windows.state.keyCount).toBe(0);
  });

  test("is not told of a merge by an element that leaves a session as it is", () => {
    const calls: string[] = [];
    const windows = windowHarness(session(5), sum, { trigger: noting(calls) });
    windows.element("a", 1, 0);
    windows.element("a", 2, 0);
    expect(calls).toEqual(["element 1 0-5 @0 after 0", "element 2 0-5 @0 after 1"]);
  });

  const fickle = (answers: readonly TriggerResult[]) => {
    let at = 0;
    return customTrigger({ name: "fickle", onElement: () => answers[at++] ?? "continue" });
  };

  test("purges without a result, and results after a purge are new ones", () => {
    const trigger = fickle(["fire", "fire", "purge", "fire", "fire-and-purge", "fire"]);
    const windows = windowHarness(tumbling(10), sum, { trigger });
    for (const value of [1, 2, 4, 8, 16, 32]) windows.element("a", value, 3);
    expect(short(windows.take())).toEqual([
      "insert 1 @9",
      "replace 3 @9",
      "insert 8 @9",
      "replace 24 @9",
      "insert 32 @9",
    ]);
  });

  test("withdraws what a session gave that becomes part of another one", () => {
    const trigger = customTrigger({
      name: "always",
      onElement: () => "fire",
      onMerge: () => undefined,
    });
    const windows = windowHarness(session(5), listing, { trigger });
    windows.element("a", "one", 0);
    windows.element("a", "two", 8);
    windows.element("a", "three", 4);
    expect(short(windows.take())).toEqual([
      "insert 0-5: one @4",
      "insert 8-13: two @12",
      "delete 0-5: one @4",
      "delete 8-13: two @12",
      "insert 0-13: one two three @12",
    ]);
  });

  test("with an evictor withdraws what it gave, not what is left", () => {
    const trigger = customTrigger({
      name: "always",
      onElement: () => "fire",
      onMerge: () => undefined,
    });
    const evictor = countEvictor({ max: 1, after: true });
    const windows = windowHarness(session(5), listing, { trigger, evictor });
    windows.element("a", "one", 0);
    windows.element("a", "two", 0);
    windows.element("a", "three", 4);
    expect(short(windows.take())).toEqual([
      "insert 0-5: one @4",
      "replace 0-5: one two @4",
      "delete 0-5: one two @4",
      "insert 0-9: two three @8",
    ]);
  });

  test("that answers something else is a failure of the operator's", () => {
    const trigger = customTrigger({ name: "odd", onElement: () => "FIRE" as TriggerResult });
    const windows = windowHarness(tumbling(10), sum, { trigger });
    expect(() => windows.element("a", 1, 3)).toThrow(
      /onElement of trigger "odd" answered FIRE; it must be one of continue, fire, purge, fire-and-purge/,
    );
  });

  test("can't set a timer to what is no time", () => {
    const trigger = customTrigger({
      name: "odd",
      onElement: (_, { timers }) => (timers.setEvent(Number.NaN), "continue"),
    });
    const windows = windowHarness(tumbling(10), sum, { trigger });
    expect(() => windows.element("a", 1, 3)).toThrow(/A trigger sets a timer to NaN/);
  });

  test("that sets timers one from the other for ever fails behind the end of the input", () => {
    const trigger = customTrigger({
      name: "endless",
      onElement: (_, { timers }) => (timers.setEvent(1), "continue"),
      onEventTime: ({ timers, timestampMs }) => (timers.setEvent(timestampMs + 1), "continue"),
    });
    const windows = windowHarness({ kind: "global" }, sum, { trigger });
    windows.element("a", 1, 3);
    windows.watermark(5_000);
    expect(() => windows.watermark(Number.POSITIVE_INFINITY)).toThrow(
      /set timers 1000 times behind the end of its input/,
    );
  });

  test.each([
    ["the same", 0],
    ["an earlier", -1],
  ])(
    "that sets a timer to %s time from one that fires fails, and does not fire for ever",
    (_, byMs) => {
      const trigger = customTrigger({
        name: "standing",
        onElement: (__, { timers }) => (timers.setEvent(5_000), "continue"),
        onEventTime: ({ timers, timestampMs }) => {
          // Forth and back: in all time does not go on.
          timers.setEvent(timestampMs === 5_000 ? 5_000 + byMs : 5_000);
          return "continue";
        },
      });
      const windows = windowHarness({ kind: "global" }, sum, { trigger });
      windows.element("a", 1, 3);
      expect(() => windows.watermark(10_000)).toThrow(
        /set timers 1000 times to times that were over/,
      );
    },
  );

  test("may set timers from those that fire as often as time goes on", () => {
    let fired = 0;
    const trigger = customTrigger({
      name: "ticking",
      onElement: (_, { timers }) => (timers.setEvent(1), "continue"),
      onEventTime: ({ timers, timestampMs }) => {
        fired += 1;
        timers.setEvent(timestampMs + 1);
        return "continue";
      },
    });
    const windows = windowHarness({ kind: "global" }, sum, { trigger });
    windows.element("a", 1, 3);
    windows.watermark(5_000);
    expect(fired).toBe(5_000);
  });
});

describe("an evictor of one's own", () => {
  const evicting = (before: (elements: Timestamped<number>[]) => unknown) => {
    const windows = windowHarness(tumbling(10), sum, {
      trigger: countTrigger(2),
      evictor: { name: "own", before: before as never },
    });
    return (values: readonly number[]) => {
      for (const value of values) windows.element("a", value, 3);
      return short(windows.take());
    };
  };

  test.each([
    ["nothing", () => undefined],
    ["copies", (elements: Timestamped<number>[]) => elements.map((one) => ({ ...one }))],
    ["values", (elements: Timestamped<number>[]) => elements.map(({ value }) => value)],
  ])("that answers %s fails, and does not take all elements away", (_, before) => {
    expect(() => evicting(before)([1, 2])).toThrow(
      /before of evictor "own" must answer those of the elements that stay/,
    );
  });

  test("may take elements out of the list that it is given", () => {
    const windows = evicting((elements) => elements.splice(-1));
    expect(windows([1, 2, 4, 8])).toEqual(["insert 2 @9", "replace 8 @9"]);
  });
});

describe("a timer whose result fails for good", () => {
  const failing = customTrigger({
    name: "beat",
    onElement: (_: number, { timers, timestampMs }) => (
      timers.setEvent(timestampMs + 2),
      "continue"
    ),
    onEventTime: ({ window, timers, timestampMs }) => {
      if (timestampMs + 2 < window.endMs - 1) timers.setEvent(timestampMs + 2);
      return "fire";
    },
  });

  test("leaves the trigger as if it had fired, and the window as it was", () => {
    const windows = windowHarness(tumbling(10), sum, { trigger: failing });
    windows.element("a", 1, 1);
    windows.watermark(3, () => false);
    windows.element("b", 2, 1);
    expect(windows.take()).toEqual([]);
    windows.watermark(5);
    expect(short(windows.take())).toEqual(["insert 2 @9", "insert 1 @9", "replace 2 @9"]);
  });

  test("at the end of a window lets it go", () => {
    const windows = windowHarness(tumbling(10), sum, { accumulation: "discarding" });
    windows.element("a", 1, 1);
    windows.watermark(9, () => false);
    expect(windows.take()).toEqual([]);
    windows.commit();
    expect(windows.state.keyCount).toBe(0);
  });

  test("is named with its window", () => {
    const windows = windowHarness(
      tumbling(10),
      {
        kind: "process",
        process: () => {
          throw new Error("no");
        },
      },
      { trigger: failing },
    );
    windows.element("a", 1, 1);
    let failure: unknown;
    try {
      windows.watermark(3);
    } catch (thrown) {
      failure = thrown;
    }
    expect(UserCodeFailure.is(failure) && failure.window).toEqual({ startMs: 0, endMs: 10 });
  });
});

test("an undone batch leaves state, timers and what the trigger keeps as they were", () => {
  const calls: string[] = [];
  const windows = windowHarness(tumbling(10), sum, { trigger: noting(calls) });
  windows.element("a", 1, 2);
  windows.commit();
  windows.element("a", 2, 5);
  windows.watermark(4);
  windows.undo();
  windows.take();
  calls.length = 0;
  windows.element("a", 4, 5);
  windows.watermark(9);
  expect(calls).toEqual([
    "element 4 0-10 @5 after 1",
    "event 0-10 @3",
    "event 0-10 @6",
    "event 0-10 @9",
    "clear 0-10 @9 of 2",
  ]);
  expect(short(windows.take())).toEqual(["insert 5 @9", "replace 5 @9", "replace 5 @9"]);
});
