import { expect, test } from "vitest";
import { counter, gauge, histogram, meter } from "../../../runtime/index.ts";
import { mergedValues } from "../../../runtime/graph/metric-values.ts";
import type {
  Counter,
  Gauge,
  Histogram,
  Meter,
} from "../../../runtime/graph/metric-declarations.ts";
import { userMetrics } from "../../../runtime/operators/user-metrics.ts";

const declared = {
  refused: counter(),
  orders: meter(),
  open: gauge({ over: "max" }),
  items: histogram({ bounds: [1, 10] }),
};

function made(declarations: Parameters<typeof userMetrics>[0] = declared) {
  const metrics = userMetrics(declarations);
  const handles = metrics.handles as {
    readonly refused: Counter;
    readonly orders: Meter;
    readonly open: Gauge;
    readonly items: Histogram;
  };
  return { ...metrics, ...handles };
}

test("metrics begin at nothing, and a gauge that was not set has no value", () => {
  expect(made().values()).toEqual({
    refused: { kind: "counter", count: 0 },
    orders: { kind: "meter", count: 0 },
    items: { kind: "histogram", bounds: [1, 10], counts: [0, 0, 0], sum: 0 },
  });
});

test("what was counted since is undone, and what was told before doesn't change", () => {
  const metrics = made();
  metrics.refused.inc(2);
  metrics.open.set(3);
  for (const value of [1, 1.5, 10, 11]) metrics.items.update(value);
  const committed = metrics.values();
  const text = JSON.stringify(committed);
  metrics.refused.inc();
  metrics.orders.markEvent();
  metrics.open.set(9);
  metrics.items.update(0);
  metrics.restore(committed);
  expect(JSON.stringify(committed)).toBe(text);
  expect(metrics.values()).toEqual(committed);
  expect(committed["items"]).toMatchObject({ counts: [1, 2, 1], sum: 23.5 });
  metrics.items.update(0);
  expect(JSON.stringify(committed)).toBe(text);
  metrics.restore(undefined);
  expect(metrics.values()).toEqual(made().values());
});

test("another version's metric of the same name that is none of these begins anew", () => {
  const before = made();
  before.refused.inc(5);
  before.orders.markEvent(5);
  before.items.update(5);
  const other = userMetrics({
    ...declared,
    refused: meter(),
    items: histogram({ bounds: [1, 100] }),
  });
  other.restore(before.values());
  expect(other.values()).toMatchObject({
    refused: { count: 0 },
    orders: { count: 5 },
    items: { counts: [0, 0, 0] },
  });
});

test("numbers that JSON can't hold, or that would make a counter fall, are refused", () => {
  const { refused, open, items } = made();
  for (const wrong of [
    () => refused.inc(-1),
    () => open.set(Number.NaN),
    () => items.update(1 / 0),
  ])
    expect(wrong).toThrow(RangeError);
});

test("slots together have the sum, or of gauges what is asked for", () => {
  const [one, other] = [made(), made()];
  one.refused.inc(2);
  other.refused.inc(3);
  other.open.set(-4);
  one.items.update(1);
  other.items.update(100);
  const merged = mergedValues(one.values(), other.values());
  expect(merged).toMatchObject({
    refused: { count: 5 },
    open: { value: -4 },
    items: { counts: [1, 0, 1], sum: 101 },
  });
  one.open.set(-6);
  expect(mergedValues(one.values(), other.values())["open"]).toMatchObject({ value: -4 });
  const least = mergedValues(
    { open: { kind: "gauge", value: 1, over: "min" } },
    { open: { kind: "gauge", value: 2, over: "min" } },
  );
  expect(least["open"]).toMatchObject({ value: 1 });
});
