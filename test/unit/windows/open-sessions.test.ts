import fc from "fast-check";
import { expect, test } from "vitest";
import { listing, session, windowHarness } from "./harness.ts";

const gapMs = 10;

test("an element looks at the sessions near it, however many of its key are open", () => {
  const sessions = windowHarness(session(gapMs), listing);
  let looks = 0;
  const { findMapEntry, mapEntries } = sessions.state;
  Object.assign(sessions.state, {
    findMapEntry(...place: Parameters<typeof findMapEntry>) {
      looks += 1;
      return findMapEntry.apply(sessions.state, place);
    },
    mapEntries(...place: Parameters<typeof mapEntries>) {
      const entries = mapEntries.apply(sessions.state, place);
      looks += entries.length;
      return entries;
    },
  });
  const count = 2_000;
  // In no order, and each of them twice.
  for (let at = 0; at < 2 * count; at++) {
    sessions.element("a", "x", ((at * 7) % count) * 100 + (at < count ? 0 : 5));
    if (at % 100 === 0) sessions.commit();
  }
  expect(looks).toBeLessThan(20 * count);
  sessions.watermark(Number.MAX_SAFE_INTEGER);
  expect(sessions.take()).toHaveLength(count);
});

test("sessions that are over are not remembered, though one of their key is always open", () => {
  const gap = (milliseconds: number) => ({ milliseconds });
  const sessions = windowHarness({ kind: "dynamic-session", gap: gap as never }, listing);
  for (let at = 0; at < 20; at++) sessions.element("a", 10, 1_000_000 + at * 100);
  for (let at = 0; at < 1_000; at++) {
    sessions.element("a", 10, at * 100);
    sessions.watermark(at * 100 + 50);
    sessions.commit();
  }
  let looks = 0;
  const { findMapEntry } = sessions.state;
  Object.assign(sessions.state, {
    findMapEntry(...place: Parameters<typeof findMapEntry>) {
      looks += 1;
      return findMapEntry.apply(sessions.state, place);
    },
  });
  // One that meets all that there ever were.
  sessions.element("a", 2_000_000, 0);
  expect(looks).toBeLessThan(100);
  sessions.watermark(Number.MAX_SAFE_INTEGER);
  expect(sessions.take()).toHaveLength(1_001);
});

/** What should be open, and what was given, by a walk over all sessions for each element. */
interface Model {
  open: { startMs: number; endMs: number; count: number }[];
  given: string[];
  watermarkMs: number;
}

function addTo(model: Model, ms: number): void {
  const isNear = ({ startMs, endMs }: Model["open"][number]): boolean =>
    startMs <= ms + gapMs && endMs >= ms;
  const met = model.open.filter(isNear);
  const merged = {
    startMs: Math.min(ms, ...met.map(({ startMs }) => startMs)),
    endMs: Math.max(ms + gapMs, ...met.map(({ endMs }) => endMs)),
    count: met.reduce((sum, { count }) => sum + count, 1),
  };
  if (merged.endMs - 1 <= model.watermarkMs) return;
  model.open = [...model.open.filter((one) => !isNear(one)), merged];
}

function advance(model: Model, watermarkMs: number): void {
  model.watermarkMs = Math.max(model.watermarkMs, watermarkMs);
  const isOver = ({ endMs }: { endMs: number }) => endMs - 1 <= model.watermarkMs;
  for (const { startMs, endMs, count } of model.open.filter(isOver))
    model.given.push(`${startMs}-${endMs}: ${count}`);
  model.open = model.open.filter((one) => !isOver(one));
}

const doings = fc.oneof(
  { weight: 20, arbitrary: fc.record({ at: fc.nat({ max: 600 }) }) },
  { weight: 2, arbitrary: fc.constantFrom("commit", "undo", "moved") },
  { weight: 1, arbitrary: fc.record({ watermarkMs: fc.nat({ max: 700 }) }) },
);

test("many sessions of a key are what a plain computation makes of its elements, whatever is undone, loaded elsewhere or over between", () => {
  const create = () =>
    windowHarness(session(gapMs), {
      kind: "aggregate",
      aggregate: {
        create: () => 0,
        add: (count: number) => count + 1,
        merge: (one: number, other: number) => one + other,
        result: (count: number) => count,
      },
      result: (count, { window }) => `${window.startMs}-${window.endMs}: ${String(count)}`,
    });
  fc.assert(
    fc.property(fc.array(doings, { minLength: 60, maxLength: 200 }), (all) => {
      let sessions = create();
      let now: Model = { open: [], given: [], watermarkMs: -1 };
      let committed = structuredClone(now);
      let given: unknown[] = [];
      let committedGiven: unknown[] = [];
      const commit = () => {
        committed = structuredClone(now);
        committedGiven = given;
        sessions.commit();
      };
      for (const doing of all) {
        if (doing === "commit") commit();
        else if (doing === "undo") {
          sessions.undo();
          now = structuredClone(committed);
          given = committedGiven;
        } else if (doing === "moved") {
          commit();
          const next = create();
          next.apply(sessions.state.snapshot(), now.watermarkMs);
          sessions = next;
        } else if (typeof doing === "object" && "watermarkMs" in doing) {
          advance(now, doing.watermarkMs);
          sessions.watermark(now.watermarkMs);
          given = [...given, ...sessions.take().map(({ value }) => value)];
        } else if (typeof doing === "object") {
          addTo(now, doing.at);
          sessions.element("a", 1, doing.at);
        }
      }
      advance(now, 10_000);
      sessions.watermark(10_000);
      given = [...given, ...sessions.take().map(({ value }) => value)];
      expect(given.toSorted()).toEqual(now.given.toSorted());
    }),
  );
});
