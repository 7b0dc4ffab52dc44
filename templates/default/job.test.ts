import { expect, test } from "vitest";
import { runJob } from "millrace/testing";
import job from "./job.ts";

test("orders are added up by customer and minute", async () => {
  const orders = [
    { id: "o1", customer: "ann", cents: 500, atMs: 0 },
    { id: "o2", customer: "bob", cents: 100, atMs: 30_000 },
    { id: "o3", customer: "ann", cents: 250, atMs: 59_999 },
    { id: "o4", customer: "ann", cents: 100, atMs: 60_000 },
    { id: "o5", customer: "ann", cents: "many", atMs: 61_000 },
  ];
  const { tables, deadLetters } = await runJob(job, { inputs: { orders } });
  expect(tables["turnover"]).toHaveLength(3);
  expect(tables["turnover"]).toEqual(
    expect.arrayContaining([
      { customer: "ann", startMs: 0, orders: 2, cents: 750 },
      { customer: "bob", startMs: 0, orders: 1, cents: 100 },
      { customer: "ann", startMs: 60_000, orders: 1, cents: 100 },
    ]),
  );
  expect(deadLetters).toMatchObject([{ kind: "undecodable" }]);
});
