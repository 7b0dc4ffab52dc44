import { expect, test } from "vitest";
import { createFeeds } from "../../../http/live/feeds.ts";
import { tableFeed } from "../../../http/live/table-feed.ts";
import { viewNumber } from "../../../http/live/view-number.ts";
import type { TableUpdate } from "../../../http/schemas/tables.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import type { ViewChart, ViewDescription } from "../../../runtime/graph/view.ts";
import type { Row } from "../../../runtime/ports/index.ts";

const viewOf = (chart: ViewChart): ViewDescription => ({
  title: "latest",
  columns: [
    { name: "atMs", type: "time", label: "at" },
    { name: "total", type: "number", label: "total" },
  ],
  time: "atMs",
  chart,
});

/** The updates of a table that is read as often as there are tables. */
async function updatesOf(view: ViewDescription, tables: readonly (readonly Row[])[]) {
  const ports = memoryPorts();
  let looks = 0;
  async function* scan() {
    yield* tables[Math.min(looks++, tables.length - 1)]!;
  }
  const store = {
    ports: { ...ports, tables: { ...ports.tables, scan } },
    jobs: async () => [],
    allowWrites: false,
    rowsEveryMs: 1,
  };
  const feed = tableFeed(store, { name: "latest", key: ["id"], view });
  const updates: TableUpdate[] = [];
  await new Promise<void>((resolve) => {
    const viewer = {
      isReady: () => true,
      end: () => {},
      take: ({ id, data }: { readonly id?: string; readonly data: string }) => {
        if (id !== undefined) updates.push(JSON.parse(data) as TableUpdate);
        if (updates.length < tables.length) return;
        leave();
        resolve();
      },
    };
    const leave = feed.view(viewer);
  });
  return updates;
}

const manyRows = (count: number, total = 1): readonly Row[] =>
  Array.from({ length: count }, (_, atMs) => ({ id: `row ${atMs}`, atMs, total }));

test("a table is followed once for all that draw it alike, and anew as soon as the job draws it otherwise", () => {
  const ports = memoryPorts();
  const feeds = createFeeds({ ports, jobs: async () => [], allowWrites: false });
  const feedOf = (value: string) =>
    feeds.rowsOf("job", {
      name: "latest",
      key: ["id"],
      view: viewOf({ kind: "number", value, of: "sum" }),
    });
  const first = feedOf("total");
  expect(feedOf("total")).toBe(first);
  expect(feedOf("atMs")).not.toBe(first);
});

test("of a view's many rows those are told that it draws", async () => {
  const newestFirst = viewOf({ kind: "table", order: "atMs", descending: true });
  const [whole] = await updatesOf(newestFirst, [manyRows(1_500)]);
  expect(whole!.total).toBe(1_500);
  expect(whole!.written.map(({ atMs }) => atMs)).toEqual(
    Array.from({ length: 1_000 }, (_, index) => 1_499 - index),
  );
});

test("of more rows than are followed the longest bar is told, wherever it stands", async () => {
  const bars = viewOf({ kind: "bars", label: "id", value: "total" });
  const rows = manyRows(12_000).map((row, at) => ({ ...row, total: at }));
  const [whole] = await updatesOf(bars, [rows]);
  expect(whole!.total).toBe(12_000);
  expect(whole!.written.length).toBe(1_000);
  expect(whole!.written[0]).toMatchObject({ total: 11_999 });
});

const sum = viewOf({ kind: "number", value: "total", of: "sum" });

test("the sum of a view is of all its rows, however few of them are told", async () => {
  const updates = await updatesOf(sum, [manyRows(1_500), [...manyRows(1_501)]]);
  expect(updates.map(({ number }) => number)).toEqual([1_500, 1_501]);
});

test("of more rows than changes are told of the sum is told, also where their number stays", async () => {
  const updates = await updatesOf(sum, [manyRows(10_001), manyRows(10_001, 2)]);
  expect(updates.map(({ number, total }) => [number, total])).toEqual([
    [10_001, 10_001],
    [20_002, 10_001],
  ]);
});

test("one number is the sum, or that of the newest row", () => {
  const rows = [
    { total: 3, atMs: 7_200_000 },
    { total: 1, atMs: 3_600_000 },
    { total: null, atMs: 9_000_000 },
  ];
  const numberOf = (of: "sum" | "newest", given: readonly Row[] = rows) => {
    const one = viewNumber(viewOf({ kind: "number", value: "total", of }))!;
    for (const row of given) one.add(row);
    return one.value();
  };
  expect(numberOf("sum")).toBe(4);
  expect(numberOf("newest")).toBe(3);
  expect(numberOf("sum", [])).toBeUndefined();
  expect(viewNumber(viewOf({ kind: "table" }))).toBeUndefined();
});
