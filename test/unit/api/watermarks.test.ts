import { describe, expect, test } from "vitest";
import {
  boundedOutOfOrderness,
  monotonousTimestamps,
  noWatermarks,
} from "../../../runtime/index.ts";

describe("watermark strategies", () => {
  test("are plain data and the function that takes the timestamp", () => {
    const timestamp = (order: { ms: number }) => order.ms;
    expect(
      boundedOutOfOrderness({ timestamp, bound: { minutes: 5 }, idleAfter: { minutes: 2 } }),
    ).toEqual({
      kind: "bounded-out-of-orderness",
      boundMs: 300_000,
      timestamp,
      idleAfterMs: 120_000,
    });
    expect(monotonousTimestamps({ timestamp })).toEqual({
      kind: "monotonous",
      boundMs: 0,
      timestamp,
    });
    expect(noWatermarks()).toEqual({ kind: "none", boundMs: 0 });
  });

  test("take the time of arrival where they are given no timestamp", () => {
    expect(monotonousTimestamps()).not.toHaveProperty("timestamp");
    expect(boundedOutOfOrderness({ bound: {} })).not.toHaveProperty("timestamp");
  });

  test("refuse a negative bound", () => {
    expect(() => boundedOutOfOrderness({ bound: { seconds: -1 } })).toThrow(
      expect.objectContaining({ code: "watermarks-invalid" }),
    );
  });

  test.each([0, -1])("refuse to be idle after %d ms", (milliseconds) => {
    expect(() => monotonousTimestamps({ idleAfter: { milliseconds } })).toThrow(
      expect.objectContaining({ code: "watermarks-invalid" }),
    );
  });
});

test("a source may bound how far ahead its elements are; what is further ahead is a dead letter unless it is clamped", () => {
  const maxAhead = { minutes: 1 };
  expect(monotonousTimestamps({ maxAhead })).toMatchObject({
    maxAheadMs: 60_000,
    beyondMaxAhead: "dead-letter",
  });
  expect(monotonousTimestamps({ maxAhead, beyondMaxAhead: "clamp" })).toMatchObject({
    beyondMaxAhead: "clamp",
  });
  expect(() => monotonousTimestamps({ maxAhead: { seconds: -1 } })).toThrow(
    expect.objectContaining({ code: "watermarks-invalid" }),
  );
});
