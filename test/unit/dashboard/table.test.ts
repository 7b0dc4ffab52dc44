import { expect, test } from "vitest";
import { fieldsOf, noRows, updated } from "../../../dashboard/browser/live/table-rows.ts";
import { ordered } from "../../../dashboard/browser/parts/order.ts";

const rows = [
  { name: "shard-10", count: 3 },
  { name: "shard-9", count: undefined },
  { name: "shard-2", count: 7 },
];

test("rows stand as they are until somebody orders them", () => {
  expect(ordered(rows, ({ count }) => count, undefined)).toBe(rows);
});

test("what has no value stands last in both directions", () => {
  const by = (direction: "ascending" | "descending") =>
    ordered(rows, ({ count }) => count, { column: "count", direction }).map(({ count }) => count);
  expect(by("ascending")).toEqual([3, 7, undefined]);
  expect(by("descending")).toEqual([7, 3, undefined]);
});

test("numbers within names are compared as numbers", () => {
  const order = { column: "name", direction: "ascending" } as const;
  expect(ordered(rows, ({ name }) => name, order).map(({ name }) => name)).toEqual([
    "shard-2",
    "shard-9",
    "shard-10",
  ]);
});

const key = ["user"];
const update = (type: "rows" | "changes", written: object[], deleted: object[] = []) => ({
  type,
  key,
  written: written as Record<string, unknown>[],
  deleted: deleted as Record<string, unknown>[],
  total: 2,
});

test("a table's rows follow its updates, and those that were just written are known", () => {
  const first = updated(noRows, update("rows", [{ user: "ada", n: 1 }, { user: "bob" }]));
  expect([...first.rows.values()]).toEqual([{ user: "ada", n: 1 }, { user: "bob" }]);
  expect(first.fresh.size).toBe(0);
  const next = updated(first, update("changes", [{ user: "ada", n: 2 }], [{ user: "bob" }]));
  expect([...next.rows.values()]).toEqual([{ user: "ada", n: 2 }]);
  expect([...next.fresh]).toEqual(['["ada"]']);
  const anew = updated(next, update("rows", [{ user: "eve" }]));
  expect([...anew.rows.values()]).toEqual([{ user: "eve" }]);
});

test("a row that is written again is the newest", () => {
  const first = updated(noRows, update("rows", [{ user: "ada" }, { user: "bob" }]));
  const next = updated(first, update("changes", [{ user: "ada" }]));
  expect([...next.rows.values()].at(-1)).toEqual({ user: "ada" });
});

test("a page keeps a bounded number of rows: the newest", () => {
  const many = Array.from({ length: 1_500 }, (_, at) => ({ user: `u${at}` }));
  const { rows } = updated(noRows, update("rows", many));
  expect(rows.size).toBe(1_000);
  expect(rows.has('["u1499"]')).toBe(true);
});

test("a bar that was written long ago stays, however many shorter ones are written", () => {
  const first = { user: "first", n: 9 };
  const many = Array.from({ length: 1_500 }, (_, at) => ({ user: `u${at}`, n: at % 5 }));
  const longestFirst = { by: "n", descending: true };
  const before = updated(noRows, update("rows", [first]), longestFirst);
  const { rows } = updated(before, update("changes", many), longestFirst);
  expect(rows.size).toBe(1_000);
  expect([...rows.values()][0]).toEqual(first);
  expect(Math.min(...[...rows.values()].map(({ n }) => Number(n)))).toBe(1);
});

test("fields of the key come first", () => {
  const known = updated(noRows, update("rows", [{ n: 1, user: "ada" }, { late: true }]));
  expect(fieldsOf(known)).toEqual(["user", "n", "late"]);
});
