import { describe, expect, test } from "vitest";
import { delayStatistics } from "../../../examples/flight-delays/delay-statistics.ts";
import { eventTimeMs, Flight } from "../../../examples/flight-delays/flight.ts";
import { rankDay } from "../../../examples/flight-delays/top-ten.ts";

const flight = {
  row: 1,
  date: "2001-03-01T00:10",
  delay: 15,
  distance: 100,
  origin: "AAA",
  destination: "ZZZ",
};

describe("the event time", () => {
  test.each([
    { date: "2001-03-01T00:10", delay: 15, time: "2001-02-28T23:55:00.000Z" },
    { date: "2000-02-29T23:59", delay: -1, time: "2000-03-01T00:00:00.000Z" },
    { date: "2001-12-31T09:08", delay: 0, time: "2001-12-31T09:08:00.000Z" },
  ])("of $date with a delay of $delay is $time", ({ date, delay, time }) => {
    expect(new Date(eventTimeMs({ date, delay })).toISOString()).toBe(time);
  });
});

describe("the schema", () => {
  test("takes a flight two hours early, and refuses it a minute earlier", () => {
    expect(Flight.safeParse({ ...flight, delay: -120 }).success).toBe(true);
    expect(Flight.safeParse({ ...flight, delay: -121 }).success).toBe(false);
  });

  test.each([{ date: "2001-03-01" }, { date: "2001-03-01T00:10Z" }, { row: 1.5 }, { origin: 1 }])(
    "refuses %j",
    (fields) => {
      expect(Flight.safeParse({ ...flight, ...fields }).success).toBe(false);
    },
  );
});

describe("the statistics of an hour", () => {
  test("are exact, with the p95 by nearest rank", () => {
    const histogram = delayStatistics.create();
    // 1 to 40 and 1 to 40 again: the rank is 76 of 80.
    for (const delay of [...Array(80).keys()].map((at) => 40 - (at % 40)))
      delayStatistics.add(histogram, { ...flight, delay });
    expect(delayStatistics.result(histogram)).toEqual({
      flights: 80,
      meanDelay: 20.5,
      maxDelay: 40,
      p95Delay: 38,
      delayed: 52,
    });
  });

  test("sort delays as numbers, negative ones first", () => {
    const histogram = delayStatistics.create();
    for (const delay of [100, -5, 9, -30]) delayStatistics.add(histogram, { ...flight, delay });
    expect(delayStatistics.result(histogram)).toMatchObject({ maxDelay: 100, p95Delay: 100 });
  });
});

test("a day's ranking has ten origins at most, ties by code, and none without a delayed flight", () => {
  const counts = Array.from("LKJIHGFEDCBA").map((code): [string, number] => [
    code,
    code === "A" ? 0 : 1,
  ]);
  const { date, top } = rankDay(11_323, [...counts, ["Z", 3]]);
  expect(date).toBe("2001-01-01");
  expect(top.map(({ origin }) => origin).join("")).toBe("ZBCDEFGHIJ");
});
