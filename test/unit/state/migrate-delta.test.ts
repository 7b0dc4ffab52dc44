import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KeyValue, MigrateFunction, MillraceError } from "../../../runtime/index.ts";
import type { CellMapping } from "../../../runtime/plan/compare-states.ts";
import { unpackPlain } from "../../../runtime/serde/msgpack.ts";
import { migrateDelta } from "../../../runtime/state/migrate-delta.ts";
import type { StateDelta } from "../../../runtime/state/state-delta.ts";
import { encodeCommitted } from "../../../runtime/state/state-entry.ts";
import type { StateMigrators } from "../../../runtime/state/state-migrators.ts";

/** "stage/uid/name" to "stage/uid/name", or to nothing. */
function cell(from: string, to?: string, more: Partial<CellMapping> = {}): CellMapping {
  const parts = (path: string) => {
    const slash = path.indexOf("/");
    return { stage: path.slice(0, slash), cell: path.slice(slash + 1) };
  };
  return {
    ...parts(from),
    ...(to !== undefined && { to: parts(to) }),
    kind: "map",
    fromVersion: 1,
    toVersion: 1,
    ...more,
  };
}

type Row = readonly [key: KeyValue, cell: number, mapKey: KeyValue | null, value: unknown];

function delta(stage: string, cells: readonly string[], rows: readonly Row[]): StateDelta {
  const keys = [...new Set(rows.map(([key]) => key))];
  return {
    stage,
    cells,
    keys,
    key: rows.map(([key]) => keys.indexOf(key)),
    cell: rows.map(([, index]) => index),
    mapKey: rows.map(([, , mapKey]) => mapKey),
    committed: rows.map(([, , , value]) =>
      value === undefined ? undefined : encodeCommitted(value, "The value"),
    ),
  };
}

const rowsOf = ({ cells, keys, key, cell: of, mapKey, committed }: StateDelta) =>
  committed.map((held, at) => [
    keys[key[at]!],
    cells[of[at]!],
    mapKey[at],
    held instanceof Uint8Array ? unpackPlain(held) : held,
  ]);

const none: StateMigrators = new Map();
const migrators = (name: string, migrate: MigrateFunction<unknown>): StateMigrators =>
  new Map([[name, ({ value, fromVersion }) => migrate(value, fromVersion)]]);

describe("a delta of an old plan", () => {
  const old = delta(
    "s",
    ["a/v", "b/m", "a/gone"],
    [
      ["k", 0, null, 1],
      ["l", 1, "x", { n: 2 }],
      ["k", 2, null, 3],
      ["k", 1, "y", undefined],
    ],
  );

  test("is split by where its operators are now, in order; dropped cells are left out, removals stay", () => {
    const cells = [cell("s/a/v", "s1/a2/v"), cell("s/b/m", "s2/b/m"), cell("s/a/gone")];
    const migrated = migrateDelta(old, { cells }, none);
    expect(migrated.map(({ stage, cells: names, keys }) => [stage, names, keys])).toEqual([
      ["s1", ["a2/v"], ["k"]],
      ["s2", ["b/m"], ["l", "k"]],
    ]);
    expect(migrated.map(rowsOf)).toEqual([
      [["k", "a2/v", null, 1]],
      [
        ["l", "b/m", "x", { n: 2 }],
        ["k", "b/m", "y", undefined],
      ],
    ]);
  });

  test("gives nothing for stages of which nothing is in it", () => {
    const cells = [cell("s/a/v"), cell("s/b/m"), cell("s/a/gone")];
    expect(migrateDelta(old, { cells }, none)).toEqual([]);
    expect(
      migrateDelta(delta("s", ["a/v"], []), { cells: [cell("s/a/v", "s/a/v")] }, none),
    ).toEqual([]);
  });

  test("takes the mapping of its own stage: others may have cells of the same name", () => {
    const cells = [cell("other/a/v"), cell("s/a/v", "t/a/v"), cell("s/b/m"), cell("s/a/gone")];
    expect(migrateDelta(old, { cells }, none).map(rowsOf)).toEqual([[["k", "a/v", null, 1]]]);
  });

  test("is refused where it has entries of a cell that was never listed", () => {
    expect(() => migrateDelta(old, { cells: [cell("s/a/v", "s/a/v")] }, none)).toThrow(
      expect.objectContaining({ code: "state-unknown" }),
    );
  });

  test("loses the timers that have no function any more, of both kinds", () => {
    const timers = delta(
      "s",
      ["a/timers"],
      [
        ["k", 0, "event:old", 1],
        ["k", 0, "event:new", 2],
        ["k", 0, "processing:old", 3],
      ],
    );
    const cells = [cell("s/a/timers", "s/a/timers", { kind: "timers", droppedTimers: ["old"] })];
    expect(migrateDelta(timers, { cells }, none).map(rowsOf)).toEqual([
      [["k", "a/timers", "event:new", 2]],
    ]);
  });
});

describe("a migration", () => {
  const older = [cell("s/a/v", "s/b/v", { fromVersion: 1, toVersion: 3 })];

  test("gets every value decoded with its version, and none that was removed", () => {
    const seen: unknown[] = [];
    const held = [1, "text", true, null, 5n, { n: 1 }, new Date(5), undefined];
    const rows = held.map((value, at): Row => [`k${at}`, 0, null, value]);
    const migrated = migrateDelta(
      delta("s", ["a/v"], rows),
      { cells: older },
      migrators("b/v", (value, from) => {
        seen.push(value);
        return [from, value];
      }),
    );
    expect(seen).toEqual(held.slice(0, -1));
    expect(migrated.flatMap(rowsOf).map(([, , , value]) => value)).toEqual(
      held.map((value) => (value === undefined ? undefined : [1, value])),
    );
  });

  test("is not called for a version that is the job's", () => {
    const cells = [cell("s/a/v", "s/b/v", { fromVersion: 3, toVersion: 3 })];
    const values = delta("s", ["a/v"], [["k", 0, null, { n: 1 }]]);
    const fail = migrators("b/v", () => {
      throw new Error("called");
    });
    expect(migrateDelta(values, { cells }, fail)[0]?.committed).toEqual(values.committed);
  });

  const failure = (migrate: MigrateFunction<unknown>, row: Row): MillraceError => {
    try {
      migrateDelta(delta("s", ["a/v"], [row]), { cells: older }, migrators("b/v", migrate));
    } catch (thrown) {
      return thrown as MillraceError;
    }
    throw new Error("The migration went through.");
  };

  test("that throws is told with operator, state, key, entry and versions", () => {
    const cause = new TypeError("no such field");
    const error = failure(() => {
      throw cause;
    }, [["shop", 5n], 0, { item: "tea" }, { n: 1 }]);
    expect(error).toMatchObject({
      domain: "state",
      code: "state-migration-failed",
      uid: "b",
      cause,
    });
    expect(error.message).toContain(
      'Operator "b", state "v", key ["shop","5n"], entry {"item":"tea"}: migrate from version 1 to 3 failed: no such field',
    );
    expect(error.next).toMatch(/Nothing was changed/);
  });

  test("whose value can't be kept fails, and a long key is cut", () => {
    const error = failure(() => Symbol("no"), ["k".repeat(2_000), 0, null, 1]);
    expect(error.code).toBe("state-migration-failed");
    expect(error.message.length).toBeLessThan(700);
  });
});

describe("whatever a delta holds", () => {
  const key = fc.oneof(
    fc.constantFrom("a", "b", "c"),
    fc.tuple(fc.constantFrom("a", "b"), fc.nat(2)),
  );
  const value = fc.oneof(
    fc.integer(),
    fc.string({ maxLength: 3 }),
    fc.constant(null),
    fc.constant(undefined),
    fc.record({ n: fc.nat(3) }),
  );
  const row = fc.tuple(key, fc.nat(3), fc.option(fc.constantFrom("x", "y")), value);
  const cells = ["a/v", "a/m", "b/v", "c/m"];
  const made = fc
    .array(row, { minLength: 1, maxLength: 12 })
    .map((rows) => delta("s", cells, rows as readonly Row[]));

  test("renamed forth and back it is the same", () => {
    const forth = cells.map((name) => cell(`s/${name}`, `t/new-${name}`));
    const back = cells.map((name) => cell(`t/new-${name}`, `s/${name}`));
    fc.assert(
      fc.property(made, (original) => {
        const [renamed] = migrateDelta(original, { cells: forth }, none);
        expect(migrateDelta(renamed!, { cells: back }, none)).toEqual([original]);
      }),
    );
  });

  test("split over stages and joined again it holds the same, each cell in its order", () => {
    const forth = cells.map((name) => cell(`s/${name}`, `of-${name.slice(0, 1)}/${name}`));
    const back = cells.map((name) => cell(`of-${name.slice(0, 1)}/${name}`, `s/${name}`));
    const ordered = (deltas: readonly StateDelta[]) =>
      deltas
        .flatMap(rowsOf)
        .toSorted(([, one], [, two]) =>
          String(one) < String(two) ? -1 : String(one) > String(two) ? 1 : 0,
        );
    fc.assert(
      fc.property(made, (original) => {
        const split = migrateDelta(original, { cells: forth }, none);
        const joined = split.flatMap((part) => migrateDelta(part, { cells: back }, none));
        expect(ordered(joined)).toEqual(ordered([original]));
      }),
    );
  });

  test("three versions are the same step by step and at once", () => {
    // Version 2 wraps a value, version 3 counts how often it was wrapped.
    const toSecond = (kept: unknown) => ({ kept });
    const toThird = (second: unknown) => ({ ...(second as { kept: unknown }), wraps: 1 });
    const ofThird: MigrateFunction<unknown> = (kept, fromVersion) =>
      toThird(fromVersion < 2 ? toSecond(kept) : kept);
    const step = (fromVersion: number, toVersion: number) => ({
      cells: cells.map((name) => cell(`s/${name}`, `s/${name}`, { fromVersion, toVersion })),
    });
    const all = (migrate: MigrateFunction<unknown>): StateMigrators =>
      new Map(
        cells.map((name) => [name, ({ value: old, fromVersion }) => migrate(old, fromVersion)]),
      );
    fc.assert(
      fc.property(made, (first) => {
        const [second] = migrateDelta(first, step(1, 2), all(toSecond));
        const third = migrateDelta(second!, step(2, 3), all(ofThird));
        expect(migrateDelta(first, step(1, 3), all(ofThird))).toEqual(third);
      }),
    );
  });
});
