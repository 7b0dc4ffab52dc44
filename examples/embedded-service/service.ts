import { type Context, Hono } from "hono";
import { type AsOf, type OpenedJob, putRecords } from "millrace/dev";
import { customerState, type Order } from "./job.ts";

/** A service in front of the job that runs in its process: it takes orders, and answers from the job's state. */
export function customerService(job: OpenedJob): Hono {
  const { clock, writer } = job.ports;
  const totals = job.state("totals", "total", customerState.total);
  const products = job.state("totals", "products", customerState.products);
  const app = new Hono();

  app.post("/orders", async (context) => {
    const order = await context.req.json<Order>();
    const data = new TextEncoder().encode(JSON.stringify(order));
    const entries = [{ partitionKey: order.customer, data }];
    await putRecords({ writer, clock, stream: "orders", entries });
    return context.json({ taken: 1 }, 202);
  });

  app.get("/customers", async (context) => {
    const { from, to, limit = "100" } = context.req.query();
    const range = { ...(from && { from }), ...(to && { to }), limit: Number(limit) };
    const { keys } = await totals.range(range);
    return context.json(keys.map(({ key, value }) => ({ customer: key, ...value })));
  });

  app.get("/customers/:customer", async (context) => {
    const customer = context.req.param("customer");
    const { value, ...asOf } = await totals.get(customer);
    if (value === undefined) return context.json({ customer, error: "has ordered nothing" }, 404);
    const { value: bought } = await products.get(customer);
    return told(context, { customer, ...value, products: Object.fromEntries(bought) }, asOf);
  });

  return app;
}

/** As of when an answer is: JSON has no infinities. */
function told(context: Context, answer: object, { version, watermarkMs }: AsOf): Response {
  context.header("x-as-of-version", String(version));
  context.header("x-as-of-watermark", String(watermarkMs));
  return context.json(answer);
}
