import { expect, test } from "vitest";
import { orderOfView, tableFeed } from "../../../http/live/table-feed.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import type { ViewDescription } from "../../../runtime/graph/view.ts";

const columns = [{ name: "atMs", type: "time", label: "at" }] as const;
const newestFirst: ViewDescription = {
  title: "latest",
  columns,
  time: "atMs",
  chart: { kind: "table", order: "atMs", descending: true },
};

test("of a view's many rows those are told that it draws", async () => {
  const ports = memoryPorts();
  async function* scan() {
    for (let atMs = 0; atMs < 1_500; atMs++) yield { id: `row ${atMs}`, atMs };
  }
  const store = {
    ports: { ...ports, tables: { ...ports.tables, scan } },
    jobs: async () => [],
    allowWrites: false,
  };
  const order = orderOfView(newestFirst)!;
  const feed = tableFeed(store, { name: "latest", key: ["id"], order });
  const whole = await new Promise<string>((resolve) => {
    const viewer = {
      isReady: () => true,
      end: () => {},
      take: ({ data }: { readonly data: string }) => {
        leave();
        resolve(data);
      },
    };
    const leave = feed.view(viewer);
  });
  const { written, total } = JSON.parse(whole) as {
    readonly written: readonly { readonly atMs: number }[];
    readonly total: number;
  };
  expect(total).toBe(1_500);
  expect(written.map(({ atMs }) => atMs)).toEqual(
    Array.from({ length: 1_000 }, (_, index) => 1_499 - index),
  );
});
