import { migratorsOf } from "../../../runtime/planner/migrators-of.ts";
import { expect, test } from "vitest";
import {
  listState,
  type StateVersion,
  tumblingWindows,
  valueState,
} from "../../../runtime/index.ts";
import { append, graphOf, orders } from "../plan/fixture/jobs.ts";

const old = (value: unknown, mapKey: string | number | null = null) => ({
  value,
  mapKey,
  fromVersion: 1,
});

function migratorsFor(version: StateVersion<unknown>) {
  return migratorsOf(
    graphOf((env) => {
      const keyed = orders(env).keyBy((order) => order.shop);
      const state = { value: valueState(version), list: listState(version), bare: valueState() };
      keyed.process({ uid: "process", state, onElement() {} }).sinkTo(append(), { uid: "one" });
      keyed
        .window(tumblingWindows({ size: { hours: 1 } }), { uid: "hourly" })
        .aggregate({ create: () => 0, add: (sum) => sum, result: (sum) => sum, ...(version as {}) })
        .sinkTo(append(), { uid: "two" });
    }),
  );
}

test("a job's migrations are found by operator and state, and see the user's value only", () => {
  const migrators = migratorsFor({
    version: 2,
    migrate: (value, fromVersion) => [value, fromVersion],
  });
  expect([...migrators.keys()].toSorted()).toEqual([
    "hourly/windows",
    "process/list",
    "process/value",
  ]);
  expect(migrators.get("process/value")?.(old("v"))).toEqual(["v", 1]);
  expect(migrators.get("process/list")?.(old("v", 0))).toEqual(["v", 1]);
  expect(migrators.get("process/list")?.(old(1, "length"))).toBe(1);
  const kept = { accumulator: 5, fired: true, pending: true };
  expect(migrators.get("hourly/windows")?.(old(kept))).toEqual({ ...kept, accumulator: [5, 1] });
});

test.each<[string, StateVersion<unknown>, RegExp]>([
  ["undefined", { version: 2, migrate: () => undefined }, /answered undefined/],
  ["a promise", { version: 2, migrate: () => Promise.reject(new Error("late")) }, /synchronous/],
])("a migration that answers %s fails", (_, version, message) => {
  const migrator = migratorsFor(version).get("process/value");
  expect(() => migrator?.(old(1))).toThrow(message);
});
