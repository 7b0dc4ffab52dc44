import { expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import { boundedOutOfOrderness, defineJob, outputTag, unchecked } from "../../../runtime/index.ts";
import { type PartialMatchOf, patternsOf } from "../../../runtime/patterns/index.ts";
import { checkJob } from "../../../testing/index.ts";

interface Sale {
  readonly kind: "order" | "payment";
  readonly card: string;
  readonly cents: number;
  readonly atMs: number;
}

const { begin } = patternsOf<Sale>();
const paid = begin("order")
  .where(({ kind }) => kind === "order")
  .followedBy("payment")
  .where(({ kind }) => kind === "payment")
  .within({ minutes: 10 });
const unpaid = outputTag<PartialMatchOf<typeof paid>>("unpaid");
const smallThenLarge = begin("small")
  .where(({ kind, cents }) => kind === "payment" && cents < 100)
  .next("large")
  .where(({ kind, cents }) => kind === "payment" && cents > 50_000)
  .within({ minutes: 5 });

const job = defineJob("cards", (env) => {
  const sales = env
    .source(kinesisSource({ stream: "sales", schema: unchecked<Sale>() }), {
      uid: "sales",
      watermarks: boundedOutOfOrderness<Sale>({
        timestamp: ({ atMs }) => atMs,
        bound: { hours: 9 },
      }),
    })
    .keyBy("card");
  const orders = sales
    .pattern(paid, { uid: "paid", timedOutOutput: unpaid })
    .select(({ order: [order], payment: [payment] }) => ({
      id: order.atMs,
      took: payment.atMs - order.atMs,
    }));
  orders.sinkTo(dynamodbSink({ table: "paid", key: ["id"] }), { uid: "paid-rows" });
  orders
    .sideOutput(unpaid)
    .flatMap(({ order }) => order.map(({ atMs }) => ({ id: atMs })))
    .sinkTo(dynamodbSink({ table: "unpaid", key: ["id"] }), { uid: "unpaid-rows" });
  sales
    .pattern(smallThenLarge, { uid: "fraud" })
    .flatSelect(({ large }) => large.map(({ atMs, cents }) => ({ id: atMs, cents })))
    .sinkTo(dynamodbSink({ table: "fraud", key: ["id"] }), { uid: "fraud-rows" });
});

const minuteMs = 60_000;
/** Times are all different: the number of a sale is its time. */
const sales = Array.from({ length: 60 }, (_, n): Sale => {
  const kind = n % 5 === 4 ? "order" : "payment";
  const cents = n % 4 === 0 ? 50 : n % 4 === 1 ? 60_000 : 900;
  return {
    kind,
    card: `c${(n >> 1) % 3}`,
    cents,
    atMs: (n * 2 + Math.floor(n / 10) * 30) * minuteMs + n,
  };
});

function plain() {
  const rows = { paid: [] as object[], unpaid: [] as object[], fraud: [] as object[] };
  for (const sale of sales) {
    const later = sales.filter(({ card, atMs }) => card === sale.card && atMs > sale.atMs);
    if (sale.kind === "order") {
      const payment = later.find(({ kind }) => kind === "payment");
      const tookMs = (payment?.atMs ?? Infinity) - sale.atMs;
      if (tookMs < 10 * minuteMs) rows.paid.push({ id: sale.atMs, took: tookMs });
      else rows.unpaid.push({ id: sale.atMs });
    } else if (sale.cents < 100) {
      const [next] = later;
      const isLarge = next?.kind === "payment" && next.cents > 50_000;
      if (isLarge && next.atMs - sale.atMs < 5 * minuteMs)
        rows.fraud.push({ id: next.atMs, cents: next.cents });
    }
  }
  return rows;
}

test("orders that are paid in time or not, and small payments before large ones, however the job is run", async () => {
  const { tables } = await checkJob(job, { inputs: { sales } });
  const byId = (rows: readonly object[] = []) =>
    rows.toSorted((one, other) => (one as { id: number }).id - (other as { id: number }).id);
  const expected = plain();
  for (const table of ["paid", "unpaid", "fraud"] as const) {
    expect(expected[table].length).toBeGreaterThan(0);
    expect(byId(tables[table])).toEqual(expected[table]);
  }
});
