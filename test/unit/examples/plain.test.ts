import { describe, expect, test } from "vitest";
import { plainResultsOf } from "../../../examples/flight-delays/plain.ts";
import { flights, utcMs } from "./flights.ts";

const morning = "2001-01-01T10:00";

describe("hours", () => {
  test("have their flights, mean, maximum, p95 and delayed flights", async () => {
    const { hourly } = await plainResultsOf([
      flights(
        { at: morning, delay: -10 },
        { at: "2001-01-01T10:59", delay: 14 },
        { at: "2001-01-01T10:30", delay: 15 },
        { at: "2001-01-01T10:31", delay: 41 },
      ),
    ]);
    expect([...hourly]).toEqual([
      [
        `AAA|${utcMs(morning)}`,
        { flights: 4, meanDelay: 15, maxDelay: 41, p95Delay: 41, delayed: 2 },
      ],
    ]);
  });

  test("begin with their first minute and end before the next hour's, by event time and not by departure", async () => {
    const { hourly } = await plainResultsOf([
      flights(
        { at: "2001-01-01T09:59", delay: 1 },
        { at: morning, delay: -1 },
        { at: "2001-01-01T11:00", delay: 0 },
      ),
    ]);
    expect([...hourly.keys()]).toEqual(
      ["2001-01-01T09:00", morning, "2001-01-01T11:00"].map((hour) => `AAA|${utcMs(hour)}`),
    );
  });

  test("are each origin's own, however the rows are split into batches", async () => {
    const rows = flights(
      { at: morning, delay: 1, origin: "AAA" },
      { at: morning, delay: 2, origin: "BBB" },
      { at: morning, delay: 3, origin: "AAA" },
    );
    const whole = await plainResultsOf([rows]);
    expect(whole.hourly.get(`AAA|${utcMs(morning)}`)?.flights).toBe(2);
    expect(whole.hourly.get(`BBB|${utcMs(morning)}`)?.flights).toBe(1);
    expect(await plainResultsOf(rows.map((row) => [row]))).toEqual(whole);
  });

  test.each([
    { count: 1, p95: 1 },
    { count: 19, p95: 19 },
    { count: 20, p95: 19 },
    { count: 21, p95: 20 },
    { count: 100, p95: 95 },
  ])("give $p95 as the p95 by nearest rank of the delays 1 to $count", async ({ count, p95 }) => {
    // Descending, and with numbers whose order as text is another.
    const delays = Array.from({ length: count }, (_, at) => count - at);
    const { hourly } = await plainResultsOf([
      flights(...delays.map((delay) => ({ at: morning, delay }))),
    ]);
    expect(hourly.get(`AAA|${utcMs(morning)}`)?.p95Delay).toBe(p95);
  });
});

describe("refused rows", () => {
  test("are those below two hours early, and count nowhere else", async () => {
    const { refused, hourly } = await plainResultsOf([
      flights({ at: morning, delay: -120 }, { at: morning, delay: -121 }),
    ]);
    expect(refused).toBe(1);
    expect(hourly.get(`AAA|${utcMs(morning)}`)?.flights).toBe(1);
  });
});

describe("sessions", () => {
  test("join flights that are two hours apart, and part those that are a minute more", async () => {
    const { sessions } = await plainResultsOf([
      flights(
        { at: "2001-01-01T10:00", delay: 20 },
        { at: "2001-01-01T12:00", delay: 30 },
        { at: "2001-01-01T14:01", delay: 40 },
      ),
    ]);
    expect([...sessions]).toEqual([
      [
        `ZZZ|${utcMs("2001-01-01T10:00")}`,
        { endMs: utcMs("2001-01-01T14:00"), flights: 2, minutes: 50 },
      ],
      [
        `ZZZ|${utcMs("2001-01-01T14:01")}`,
        { endMs: utcMs("2001-01-01T16:01"), flights: 1, minutes: 40 },
      ],
    ]);
  });

  test("are one where a later row closes the gap between two", async () => {
    const { sessions } = await plainResultsOf([
      flights(
        { at: "2001-01-01T13:00", delay: 15 },
        { at: "2001-01-01T10:00", delay: 15 },
        { at: "2001-01-01T11:30", delay: 15 },
      ),
    ]);
    expect([...sessions]).toEqual([
      [
        `ZZZ|${utcMs("2001-01-01T10:00")}`,
        { endMs: utcMs("2001-01-01T15:00"), flights: 3, minutes: 45 },
      ],
    ]);
  });

  test("are each destination's own, and have no flight that was less than a quarter of an hour late", async () => {
    const { sessions } = await plainResultsOf([
      flights(
        { at: morning, delay: 14, destination: "WWW" },
        { at: morning, delay: 15, destination: "YYY" },
        { at: morning, delay: 16, destination: "ZZZ" },
      ),
    ]);
    expect([...sessions.keys()]).toEqual(["YYY", "ZZZ"].map((code) => `${code}|${utcMs(morning)}`));
  });
});

describe("top tens", () => {
  test("rank origins by their delayed flights of the day, ties by code, ten at most", async () => {
    const once = Array.from("KJIHGFEDCBA").map((letter) => ({
      at: morning,
      delay: 15,
      origin: letter,
    }));
    const { topTen } = await plainResultsOf([
      flights(...once, { at: "2001-01-01T20:00", delay: 99, origin: "H" }),
    ]);
    const expected = [["H", 2], ...Array.from("ABCDEFGIJ").map((letter) => [letter, 1])];
    expect([...topTen]).toEqual([[utcMs("2001-01-01T00:00") / 86_400_000, expected]]);
  });

  test("end a day at midnight, and leave out origins without a delayed flight", async () => {
    const { topTen } = await plainResultsOf([
      flights(
        { at: "2001-01-01T23:59", delay: 15, origin: "AAA" },
        { at: "2001-01-02T00:00", delay: 15, origin: "BBB" },
        { at: "2001-01-02T00:00", delay: 14, origin: "CCC" },
      ),
    ]);
    expect([...topTen.values()]).toEqual([[["AAA", 1]], [["BBB", 1]]]);
  });
});
