import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import job, { type Order } from "../../../examples/embedded-service/job.ts";
import { customerService } from "../../../examples/embedded-service/service.ts";
import { type EmbeddedRun, openJob, type OpenedJob } from "../../../dev/index.ts";
import { patienceMs } from "../../patience.ts";

let opened: OpenedJob;
let run: EmbeddedRun;
let server: ReturnType<typeof createAdaptorServer>;
let url: string;
beforeAll(async () => {
  opened = await openJob(job);
  run = await opened.run();
  server = createAdaptorServer({ fetch: customerService(opened).fetch });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  run.stop();
  await run.done;
  opened.close();
});

const post = async (order: Order): Promise<number> =>
  (await fetch(`${url}/orders`, { method: "POST", body: JSON.stringify(order) })).status;

const get = async (path: string) => {
  const response = await fetch(`${url}${path}`);
  return { response, body: (await response.json()) as unknown };
};

test("a service answers from the state of the job that runs in it", async () => {
  const orders = [
    { customer: "ada", product: "tea", cents: 700 },
    { customer: "ada", product: "tea", cents: 100 },
    { customer: "ada", product: "ink", cents: 250 },
    { customer: "grace", product: "ink", cents: 250 },
  ];
  for (const order of orders) expect(await post(order)).toBe(202);
  const ada = { customer: "ada", orders: 3, cents: 1_050 };
  const asked = async () => (await get("/customers/ada")).body;
  await expect
    .poll(asked, { timeout: patienceMs })
    .toEqual({ ...ada, products: { tea: 2, ink: 1 } });
  const { response } = await get("/customers/ada");
  expect(Number(response.headers.get("x-as-of-version"))).toBeGreaterThan(0);
  const grace = { customer: "grace", orders: 1, cents: 250 };
  await expect
    .poll(async () => (await get("/customers")).body, { timeout: patienceMs })
    .toEqual([ada, grace]);
  expect((await get("/customers?from=b")).body).toEqual([grace]);
  expect((await get("/customers?to=b")).body).toEqual([ada]);
  expect((await get("/customers?limit=1")).body).toEqual([ada]);
  expect((await get("/customers/alan")).response.status).toBe(404);
});
