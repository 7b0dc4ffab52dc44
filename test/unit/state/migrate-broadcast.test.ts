import { expect, test } from "vitest";
import type { CellMapping } from "../../../runtime/plan/compare-states.ts";
import { broadcastDelta } from "../../../runtime/state/broadcast-delta.ts";
import { migrateBroadcast } from "../../../runtime/state/migrate-broadcast.ts";
import type { StateMigrators } from "../../../runtime/state/state-migrators.ts";

const saved = broadcastDelta({ stage: "old", cells: ["old/gone", "old/rules"] }, [
  { cell: 0, mapKey: "x", committed: 1 },
  { cell: 1, mapKey: "a", committed: 10 },
  { cell: 1, mapKey: "b", committed: 20 },
]);

const gone: CellMapping = {
  stage: "old",
  cell: "old/gone",
  kind: "broadcast",
  fromVersion: 1,
  toVersion: 1,
};
const rules: CellMapping = {
  ...gone,
  cell: "old/rules",
  to: { stage: "new", cell: "new/rules" },
  toVersion: 2,
};
const doubling: StateMigrators = new Map([["new/rules", ({ value }) => (value as number) * 2]]);

test("broadcast state goes where its operator is now, through the user's migrations", () => {
  expect(migrateBroadcast(saved, { cells: [gone, rules] }, doubling)).toEqual(
    broadcastDelta({ stage: "new", cells: ["new/rules"] }, [
      { cell: 0, mapKey: "a", committed: 20 },
      { cell: 0, mapKey: "b", committed: 40 },
    ]),
  );
});

test("nothing is left of what the job has no place for", () => {
  const { to: _, ...dropped } = rules;
  expect(migrateBroadcast(saved, { cells: [gone, dropped] }, doubling)).toBeUndefined();
});

test("a migration that fails names the entry; state that nobody knows is refused", () => {
  const failing: StateMigrators = new Map([
    [
      "new/rules",
      () => {
        throw new Error("no such rule");
      },
    ],
  ]);
  expect(() => migrateBroadcast(saved, { cells: [gone, rules] }, failing)).toThrow(
    /Operator "new", state "rules", entry "a": migrate from version 1 to 2 failed: no such rule/,
  );
  expect(() => migrateBroadcast(saved, { cells: [rules] }, doubling)).toThrow(
    expect.objectContaining({ code: "state-unknown" }) as Error,
  );
});
