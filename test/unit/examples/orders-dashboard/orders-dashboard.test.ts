import { buildPlan } from "millrace/dev";
import { runJob } from "millrace/testing";
import { describe, expect, test } from "vitest";
import { compare } from "../../../../examples/orders-dashboard/compare.ts";
import job from "../../../../examples/orders-dashboard/job.ts";
import jobWithAverage from "../../../../examples/orders-dashboard/job-with-average.ts";
import type { OrderEvent } from "../../../../examples/orders-dashboard/order-event.ts";
import { plainResultsOf } from "../../../../examples/orders-dashboard/plain.ts";
import { eightMs, line, orderEvent, recordsOf } from "./orders.ts";

async function differences(values: readonly unknown[], tested = job) {
  // One shard: what is given first is processed first.
  const inputs = { orders: values };
  const { tables, deadLetters } = await runJob(tested, { inputs, shards: 1 });
  const scan = async function* (table: string) {
    yield* tables[table]!;
  };
  const plain = plainResultsOf(recordsOf(values));
  return (await compare({ scan, deadLetters: deadLetters.length }, plain)).differences;
}

const placed = orderEvent({ lines: [line("mug", 2, 500), line("pan", 1, 1_999)] });
const edited = orderEvent({ revision: 2, lines: [line("mug", 1, 500), line("lamp", 3, 700)] });
const cancelled = orderEvent({ revision: 3, kind: "cancelled" });
const other = orderEvent({ id: "b", customer: "c2", timeMs: eightMs + 90_000 });

describe("the rows are those of the plain computation", () => {
  const orders: readonly (readonly [string, ...OrderEvent[]])[] = [
    ["in their order", placed, edited, cancelled],
    ["with the edit first", edited, placed, cancelled],
    ["with the placement last", edited, cancelled, placed],
    ["backwards", cancelled, edited, placed],
    ["with the cancellation first", cancelled, placed, edited],
    ["with the edit last", placed, cancelled, edited],
  ];
  test.each(orders)("where an order's revisions come %s", async (_, ...revisions) => {
    expect(await differences([...revisions, other])).toEqual([]);
    expect(await differences([...revisions.slice(0, 2), other])).toEqual([]);
  });

  test("where every event comes three times", async () => {
    const events = [placed, edited, other, cancelled];
    expect(await differences([...events, ...events.toReversed(), ...events])).toEqual([]);
  });

  test("where nothing is left of an hour's only order", async () => {
    expect(await differences([placed, cancelled])).toEqual([]);
    expect(await differences([cancelled, placed])).toEqual([]);
  });

  test("where records can't be read", async () => {
    const refused = { ...placed, lines: [line("mug", 0, 500)] };
    expect(await differences([refused, placed, "no order"])).toEqual([]);
  });

  test("where the job writes averages", async () => {
    expect(await differences([placed, other, cancelled], jobWithAverage)).toEqual([]);
  });
});

test("the next version has the same plan, and other rows", async () => {
  const [now, next] = [job, jobWithAverage].map(({ graph }) => buildPlan(graph));
  expect(next!.fingerprint).toBe(now!.fingerprint);
  const rowsOf = async (tested: typeof job) =>
    (await runJob(tested, { inputs: { orders: [placed] } })).tables["revenue-by-minute"];
  const sums = { orders: 1, cancelled: 0, revenueCents: 2_999 };
  const row = { country: "DE", minuteMs: eightMs, ...sums };
  expect(await rowsOf(job)).toEqual([row]);
  expect(await rowsOf(jobWithAverage)).toEqual([{ ...row, averageOrderCents: 2_999 }]);
});
