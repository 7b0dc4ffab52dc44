import { describe, expect, test } from "vitest";
import { OrderEvent } from "../../../../examples/orders-dashboard/order-event.ts";
import {
  disorderMaxMs,
  firstMs,
  orderEvents,
  stepMs,
} from "../../../../examples/orders-dashboard/order-events.ts";

const count = 40_000;
const records = [...orderEvents({ seed: 7, from: 0, to: count })];
const texts = records.map(({ data }) => new TextDecoder().decode(data));

/** First position of each distinct record. */
const firstAt = new Map<string, number>();
for (const [position, text] of texts.entries()) if (!firstAt.has(text)) firstAt.set(text, position);

/** Valid events at their first position. */
const events = [...firstAt].flatMap(([text, position]) => {
  const event = parse(text);
  return event === undefined ? [] : [{ position, event }];
});

function parse(text: string): OrderEvent | undefined {
  try {
    return OrderEvent.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

describe("the feed", () => {
  test("is the same for the same seed, and another for another seed", () => {
    const bytesOf = (seed: number) =>
      [...orderEvents({ seed, from: 0, to: 1_000 })].map(({ data }) => Buffer.from(data));
    expect(bytesOf(7)).toEqual(bytesOf(7));
    expect(bytesOf(7)).not.toEqual(bytesOf(8));
  });

  test.each([
    [0, 1],
    [199, 201],
    [1_234, 2_345],
    [39_990, 40_000],
  ])("from %i to %i is what a whole feed has there", (from, to) => {
    expect([...orderEvents({ seed: 7, from, to })]).toEqual(records.slice(from, to));
  });

  test("holds one broken and one refused record, and now and then their copies, in 5,000", () => {
    const unreadable = [...firstAt.keys()].filter((text) => parse(text) === undefined);
    const broken = unreadable.filter((text) => !text.endsWith("}"));
    expect(broken).toHaveLength(count / 5_000);
    expect(unreadable).toHaveLength((2 * count) / 5_000);
    expect(broken.every((text) => text.startsWith('{"id":"order-'))).toBe(true);
  });
});

describe("producers", () => {
  test("put about 2 % again, byte for byte under the same key: half of it at once, none after more than a thousand records", () => {
    const lags = texts.flatMap((text, position) => {
      const first = firstAt.get(text)!;
      if (first === position) return [];
      expect(records[position]).toEqual(records[first]);
      return [position - first];
    });
    expect(lags.length / count).toBeGreaterThan(0.015);
    expect(lags.length / count).toBeLessThan(0.025);
    expect(lags.filter((lag) => lag === 1).length / lags.length).toBeGreaterThan(0.4);
    expect(Math.max(...lags)).toBeGreaterThan(200);
    expect(Math.max(...lags)).toBeLessThanOrEqual(1_000);
  });

  test("put 15 to 20 % under one key, and the rest under thousands", () => {
    const uses = new Map<string, number>();
    for (const { partitionKey } of records)
      uses.set(partitionKey, (uses.get(partitionKey) ?? 0) + 1);
    const [most = 0, second = 0] = [...uses.values()].toSorted((one, other) => other - one);
    expect(most / count).toBeGreaterThan(0.15);
    expect(most / count).toBeLessThan(0.2);
    expect(second).toBeLessThan(most * 0.6);
    expect(uses.size).toBeGreaterThan(1_000);
  });

  test("are at most 45 seconds behind, though nearly so at times", () => {
    const ages = events.map(({ position, event }) => firstMs + position * stepMs - event.timeMs);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...ages)).toBeLessThanOrEqual(disorderMaxMs);
    expect(Math.max(...ages)).toBeGreaterThan(disorderMaxMs * 0.95);
  });

  test("send an order under another key than its changes, which can be read before it", () => {
    const keyOf = new Map(events.map(({ position, event }) => [event, records[position]]));
    for (const { event } of events)
      expect(keyOf.get(event)?.partitionKey).toBe(
        event.kind === "placed" ? event.shop : event.customer,
      );
  });
});

describe("an order", () => {
  const revisions = new Map<string, typeof events>();
  for (const found of events)
    revisions.set(found.event.id, [...(revisions.get(found.event.id) ?? []), found]);

  test("is placed first, and changed with ascending revisions within half an hour", () => {
    for (const [id, found] of revisions) {
      expect(
        found.map(({ event }) => event.revision),
        id,
      ).toEqual(found.map((_, at) => at + 1));
      for (const { event } of found) {
        expect(event.kind === "placed").toBe(event.revision === 1);
        expect(event.timeMs - event.placedMs).toBeLessThan(30 * 60_000);
        expect(event.timeMs > event.placedMs).toBe(event.revision > 1);
      }
    }
    const counts = [1, 2, 3].map(
      (length) => [...revisions.values()].filter((found) => found.length === length).length,
    );
    for (const orders of counts) expect(orders).toBeGreaterThan(500);
  });

  test("keeps customer, shop, country and the time of its placement", () => {
    for (const found of revisions.values()) {
      const lasting = found.map(({ event: { customer, shop, country, placedMs } }) => ({
        customer,
        shop,
        country,
        placedMs,
      }));
      for (const one of lasting) expect(one).toEqual(lasting[0]);
    }
  });
});
