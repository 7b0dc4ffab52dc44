import { expect, test } from "vitest";
import type { WindowComputation } from "../../../runtime/graph/node.ts";
import { windowOfName } from "../../../runtime/graph/window-name.ts";
import { packPlain, unpackPlainValue } from "../../../runtime/serde/msgpack.ts";
import type { StateDelta } from "../../../runtime/state/state-delta.ts";
import type { KeptWindow } from "../../../runtime/windows/kept-window.ts";
import { listing, session, short, sum, tumbling, windowHarness } from "./harness.ts";

/** Reduces in place, so that sharing an accumulator would show. */
const inPlace: WindowComputation = {
  kind: "reduce",
  reduce: (left: { n: number }, right: { n: number }) => {
    left.n += right.n;
    return left;
  },
  result: ({ n }: { n: number }, { window }) => `${window.startMs}-${window.endMs}: ${n}`,
};

test("elements closer than the gap, or just as far, make one session; it ends a gap after the last", () => {
  const sessions = windowHarness(session(10), listing);
  sessions.element("a", "x", 0);
  sessions.element("a", "y", 10);
  sessions.element("a", "z", 21);
  sessions.watermark(100);
  expect(short(sessions.take())).toEqual(["insert 0-20: x y @19", "insert 21-31: z @30"]);
});

test("sessions of different keys don't meet", () => {
  const sessions = windowHarness(session(10), listing);
  sessions.element("a", "x", 0);
  sessions.element("b", "y", 5);
  sessions.watermark(100);
  expect(short(sessions.take())).toEqual(["insert 0-10: x @9", "insert 5-15: y @14"]);
});

test("an element between two sessions joins them, the elements of the earlier one first", () => {
  const sessions = windowHarness(session(10), listing);
  sessions.element("a", "late", 20);
  sessions.element("a", "early", 0);
  sessions.element("a", "between", 10);
  sessions.watermark(100);
  expect(short(sessions.take())).toEqual(["insert 0-30: early late between @29"]);
  sessions.commit();
  expect([sessions.state.keyCount, sessions.state.bytes]).toEqual([0, 0]);
});

test("a session that grows fires at its new end only", () => {
  const sessions = windowHarness(session(10), sum);
  sessions.element("a", 1, 0);
  sessions.watermark(1);
  sessions.element("a", 2, 2);
  for (const ms of [9, 10]) sessions.watermark(ms);
  expect(sessions.take()).toEqual([]);
  sessions.watermark(11);
  expect(short(sessions.take())).toEqual(["insert 3 @11"]);
});

test("sessions of all keys fire in the order of their ends, though their timers be early", () => {
  const first = windowHarness(session(10), listing);
  first.element("a", "x", 0);
  first.element("b", "y", 5);
  first.element("a", "z", 10);
  const second = windowHarness(session(10), listing);
  second.apply(first.commit());
  for (const sessions of [first, second]) {
    sessions.watermark(100);
    expect(short(sessions.take())).toEqual(["insert 5-15: y @14", "insert 0-20: x z @19"]);
  }
});

test("an element that would be late alone is taken by a session whose lateness lasts", () => {
  const sessions = windowHarness(session(10), sum, { lateTag: "late" });
  sessions.element("a", 1, 8);
  sessions.watermark(12);
  sessions.element("a", 2, 2);
  sessions.element("b", 4, 2);
  sessions.watermark(17);
  expect(short(sessions.take())).toEqual(["late: insert 4 @2", "insert 3 @17"]);
  expect(sessions.metrics.late).toBe(1);
});

test("an element is late where its session's last timestamp and the lateness are reached, and not a millisecond before", () => {
  for (const [watermarkMs, late] of [
    [15, 0],
    [16, 1],
  ] as const) {
    const sessions = windowHarness(session(10), sum, { allowedLatenessMs: 5, lateTag: "late" });
    sessions.watermark(watermarkMs);
    sessions.element("a", 1, 2);
    expect(sessions.metrics.late, `watermark ${watermarkMs}`).toBe(late);
  }
});

test("a session that fired and grows is withdrawn, then fires at its new end", () => {
  const sessions = windowHarness(session(10), inPlace, { allowedLatenessMs: 100 });
  sessions.element("a", { n: 1 }, 0);
  sessions.watermark(9);
  sessions.element("a", { n: 2 }, 7);
  expect(short(sessions.take())).toEqual(["insert 0-10: 1 @9", "delete 0-10: 1 @9"]);
  sessions.watermark(16);
  expect(short(sessions.take())).toEqual(["insert 0-17: 3 @16"]);
});

test("a session that fired and grows in the past is withdrawn and fires at once", () => {
  const sessions = windowHarness(session(10), inPlace, { allowedLatenessMs: 100 });
  sessions.element("a", { n: 1 }, 20);
  sessions.watermark(50);
  sessions.element("a", { n: 2 }, 15);
  expect(short(sessions.take())).toEqual([
    "insert 20-30: 1 @29",
    "delete 20-30: 1 @29",
    "insert 15-30: 3 @29",
  ]);
});

test("a late element inside a session that fired replaces its result", () => {
  const sessions = windowHarness(session(10), inPlace, { allowedLatenessMs: 100 });
  sessions.element("a", { n: 1 }, 0);
  sessions.element("a", { n: 1 }, 9);
  sessions.watermark(50);
  sessions.element("a", { n: 2 }, 5);
  sessions.element("a", { n: 3 }, 5);
  expect(short(sessions.take())).toEqual([
    "insert 0-19: 2 @18",
    "replace 0-19: 4 @18",
    "replace 0-19: 7 @18",
  ]);
});

test("a merge of sessions that fired withdraws each, and one that didn't is not withdrawn", () => {
  const sessions = windowHarness(session(10), inPlace, { allowedLatenessMs: 100 });
  sessions.element("a", { n: 1 }, 0);
  sessions.watermark(9);
  sessions.element("a", { n: 2 }, 20);
  sessions.element("a", { n: 4 }, 10);
  sessions.watermark(29);
  expect(short(sessions.take())).toEqual([
    "insert 0-10: 1 @9",
    "delete 0-10: 1 @9",
    "insert 0-30: 7 @29",
  ]);
});

test("two sessions that fired are both withdrawn before they are merged in place", () => {
  const sessions = windowHarness(session(10), sum, { allowedLatenessMs: 100 });
  sessions.element("a", 1, 0);
  sessions.element("a", 2, 20);
  sessions.watermark(60);
  sessions.element("a", 4, 10);
  expect(short(sessions.take())).toEqual([
    "insert 1 @9",
    "insert 2 @29",
    "delete 1 @9",
    "delete 2 @29",
    "insert 7 @29",
  ]);
});

test("a session's state goes when its own lateness is over, later if it grew", () => {
  const sessions = windowHarness(session(10), sum, { allowedLatenessMs: 20 });
  sessions.element("a", 1, 0);
  sessions.watermark(9);
  sessions.element("a", 2, 5);
  sessions.watermark(33);
  sessions.commit();
  expect(sessions.state.keyCount).toBe(1);
  sessions.watermark(34);
  sessions.commit();
  expect(sessions.state.keyCount).toBe(0);
  expect(sessions.eventTimers.first).toBeUndefined();
});

test("a session keeps waiting on one timer however often its state was loaded", () => {
  const first = windowHarness(session(10), sum);
  const second = windowHarness(session(10), sum);
  for (let ms = 0; ms < 50; ms += 5) {
    first.element("a", 1, ms);
    second.apply(first.commit());
  }
  second.watermark(45);
  expect(second.eventTimers.pop()?.timeMs).toBe(54);
  expect(second.eventTimers.first).toBeUndefined();
});

test("an aggregate without merge is refused when the job starts", () => {
  const compute: WindowComputation = {
    kind: "aggregate",
    aggregate: { create: () => 0, add: (left: number) => left, result: (left: number) => left },
  };
  expect(() => windowHarness(session(10), compute)).toThrow(
    expect.objectContaining({ code: "aggregate-merge-missing" }),
  );
});

test.each([
  ["aggregate", sum],
  ["process", listing],
  ["reduce", { kind: "reduce", reduce: (left: number, right: number) => left + right }],
] as const)("undo and takeover keep %s sessions, their firings and timers", (_, compute) => {
  const options = { allowedLatenessMs: 100 };
  const first = windowHarness(session(10), compute, options);
  const second = windowHarness(session(10), compute, options);
  first.element("a", 1, 0);
  first.element("a", 2, 20);
  second.apply(first.commit());
  first.watermark(9);
  first.element("b", 3, 12);
  second.apply(first.commit(), 9);
  first.take();
  const run = (sessions: typeof first) => {
    sessions.element("a", 4, 10);
    sessions.element("b", 5, 8);
    sessions.watermark(300);
    return short(sessions.take());
  };
  const results = run(first);
  first.undo();
  expect(run(first)).toEqual(results);
  expect(run(second)).toEqual(results);
  expect(results).toHaveLength(3);
  second.commit();
  expect([second.state.keyCount, second.state.bytes]).toEqual([0, 0]);
});

test("a session whose result fails for good keeps what it holds, and gives it where it grows or is merged", () => {
  const failed = () => {
    const sessions = windowHarness(session(10), sum, { allowedLatenessMs: 50 });
    sessions.element("a", 1, 0);
    sessions.element("a", 2, 5);
    sessions.watermark(20, () => false);
    const cold = windowHarness(session(10), sum, { allowedLatenessMs: 50 });
    cold.apply(sessions.commit(), 20);
    return cold;
  };
  const grown = failed();
  grown.element("a", 4, 3);
  grown.watermark(21);
  expect(short(grown.take())).toEqual(["insert 7 @14"]);
  const open = failed();
  open.element("a", 4, 15);
  expect(open.take()).toEqual([]);
  open.watermark(24);
  expect(short(open.take())).toEqual(["insert 7 @24"]);
});

/** A delta as versions up to format 3 wrote it: windows under their starts, sessions with their end in the value. */
function byStart(delta: StateDelta): StateDelta {
  const mapKey = delta.mapKey.map((name) => windowOfName(name as string).startMs);
  const committed = delta.committed.map((value) => {
    if (value === undefined) return undefined;
    const { startMs: _, ...kept } = unpackPlainValue(value as Uint8Array) as KeptWindow;
    return packPlain(kept, "A test");
  });
  return { ...delta, mapKey, committed };
}

test.each([
  ["tumbling", tumbling(10), ["insert 7 @9"]],
  ["session", session(10), ["insert 7 @12"]],
] as const)(
  "%s windows that an older version kept under their start go on, and go where it removed them",
  (_, assigner, expected) => {
    const older = windowHarness(assigner, sum);
    const newer = windowHarness(assigner, sum);
    older.element("a", 1, 2);
    older.element("b", 2, 2);
    newer.apply(byStart(older.commit()!));
    older.state.mapEntries(older.state.record("b"), 0 as never)[0]?.remove();
    newer.apply(byStart(older.commit()!));
    newer.element("a", 6, 3);
    newer.watermark(8);
    expect(newer.take()).toEqual([]);
    newer.watermark(100);
    newer.commit();
    expect(short(newer.take())).toEqual(expected);
    expect([newer.state.keyCount, newer.eventTimers.size]).toEqual([0, 0]);
  },
);

test.each([0, -5])(
  "a session whose element says a gap of %i ms fails with the element",
  (gapMs) => {
    const assigner = { kind: "dynamic-session", gap: () => ({ milliseconds: gapMs }) } as const;
    const windows = windowHarness(assigner, sum);
    expect(() => windows.element("a", 1, 3)).toThrow(
      `The gap of an element is ${gapMs} ms; it must be above 0.`,
    );
  },
);
