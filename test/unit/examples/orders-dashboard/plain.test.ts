import { describe, expect, test } from "vitest";
import type { OrderEvent } from "../../../../examples/orders-dashboard/order-event.ts";
import {
  plainResultsOf,
  type Row,
  type Table,
} from "../../../../examples/orders-dashboard/plain.ts";
import { eightMs, line, orderEvent, recordsOf } from "./orders.ts";

const minuteMs = 60_000;

function rowsOf(table: Table, ...events: readonly Partial<OrderEvent>[]): readonly Row[] {
  return [...plainResultsOf(recordsOf(events.map(orderEvent))).tables[table].values()];
}

describe("revenue by minute", () => {
  test("counts an order once, by its last revision, in the minute of its placement", () => {
    const rows = rowsOf(
      "revenue-by-minute",
      {
        revision: 3,
        timeMs: eightMs + 20 * minuteMs,
        lines: [line("lamp", 2, 700)],
        placedMs: eightMs,
      },
      {},
      { revision: 2, lines: [line("mug", 9, 1_000)] },
      {},
    );
    const sums = { orders: 1, cancelled: 0, revenueCents: 1_400, averageOrderCents: 1_400 };
    expect(rows).toEqual([{ country: "DE", minuteMs: eightMs, ...sums }]);
  });

  test("has the mean of the orders that stand, to the cent", () => {
    const rows = rowsOf(
      "revenue-by-minute",
      { id: "a", lines: [line("mug", 1, 1_000)] },
      { id: "b", lines: [line("mug", 1, 1_001)] },
      { id: "c" },
      { id: "c", revision: 2, kind: "cancelled" },
    );
    expect(rows).toMatchObject([
      { orders: 3, cancelled: 1, revenueCents: 2_001, averageOrderCents: 1_001 },
    ]);
  });

  test("parts countries and minutes, and has an average of nothing where all is cancelled", () => {
    const rows = rowsOf(
      "revenue-by-minute",
      { id: "a" },
      { id: "b", country: "FR" },
      { id: "c", timeMs: eightMs + minuteMs, kind: "cancelled", revision: 2 },
    );
    expect(rows.map((row) => [row["country"], row["minuteMs"], row["averageOrderCents"]])).toEqual([
      ["DE", eightMs, 1_000],
      ["FR", eightMs, 1_000],
      ["DE", eightMs + minuteMs, 0],
    ]);
  });
});

test("country totals are over all time", () => {
  const rows = rowsOf(
    "country-totals",
    { id: "a" },
    { id: "b", timeMs: eightMs + 999 * minuteMs },
    { id: "c", country: "FR" },
  );
  expect(rows).toEqual([
    { country: "DE", orders: 2, cancelled: 0, revenueCents: 2_000 },
    { country: "FR", orders: 1, cancelled: 0, revenueCents: 1_000 },
  ]);
});

test("top products are ten at most, by revenue and then by name, without those of cancelled orders", () => {
  const lines = Array.from("KJIHGFEDCBA").map((name) => line(name, 1, 100));
  const [row] = rowsOf(
    "top-products",
    { id: "a", lines },
    { id: "b", lines: [line("H", 2, 50)] },
    { id: "c", lines: [line("Z", 1, 9_999)], kind: "cancelled", revision: 2 },
  );
  const names = Array.from("HABCDEFGIJ");
  expect(row).toEqual({
    hourMs: eightMs,
    hour: "2026-01-05T08:00Z",
    top: names.map((product) => ({
      product,
      sold: product === "H" ? 3 : 1,
      revenueCents: product === "H" ? 200 : 100,
    })),
  });
});

test("activity counts each revision once, in its own minute", () => {
  const cancelled = { revision: 3, kind: "cancelled", timeMs: eightMs + minuteMs } as const;
  const rows = rowsOf(
    "activity-by-minute",
    { placedMs: eightMs, ...cancelled },
    {},
    { revision: 2 },
    {},
    { placedMs: eightMs, ...cancelled },
  );
  expect(rows).toEqual([
    { country: "DE", startMs: eightMs + minuteMs, placed: 0, edited: 0, cancelled: 1 },
    { country: "DE", startMs: eightMs, placed: 1, edited: 1, cancelled: 0 },
  ]);
});

test("sessions join placements half an hour apart, and part those that are a millisecond more", () => {
  const secondMs = eightMs + 30 * minuteMs;
  const thirdMs = secondMs + 30 * minuteMs + 1;
  const rows = rowsOf(
    "customer-sessions",
    { id: "c", timeMs: thirdMs },
    { id: "a" },
    { id: "b", timeMs: secondMs },
    { id: "b", timeMs: secondMs, placedMs: secondMs, revision: 2, lines: [line("pan", 1, 1)] },
    { id: "d", customer: "c2" },
  );
  expect(rows).toEqual([
    { customer: "c1", startMs: eightMs, endMs: thirdMs - 1, orders: 2, revenueCents: 2_000 },
    { customer: "c2", startMs: eightMs, endMs: secondMs, orders: 1, revenueCents: 1_000 },
    {
      customer: "c1",
      startMs: thirdMs,
      endMs: thirdMs + 30 * minuteMs,
      orders: 1,
      revenueCents: 1_000,
    },
  ]);
});

test("what is no JSON or has a line without a piece is refused, each time that it comes", () => {
  const broken = { data: new TextEncoder().encode('{"id":') };
  const refused = recordsOf([orderEvent({ lines: [line("mug", 0, 100)] })]);
  const { refused: count, tables } = plainResultsOf([broken, ...refused, broken]);
  expect(count).toBe(3);
  expect(tables["country-totals"].size).toBe(0);
});
