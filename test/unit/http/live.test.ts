import { afterAll, beforeAll, expect, test } from "vitest";
import { serveJob } from "./served-job.ts";
import { eventsOf } from "./events-of.ts";

let served: Awaited<ReturnType<typeof serveJob>>;
beforeAll(async () => void (served = await serveJob()));
afterAll(async () => await served.close());

const isTotals = (user: string) => (row: unknown) =>
  (row as { readonly user: string }).user === user;

test("a job's status comes again and again, and not what a viewer had already", async () => {
  const events = eventsOf(await served.get("/jobs/clicks/updates"));
  const [first, second] = [await events.next(), await events.next()];
  expect(first.data).toMatchObject({ job: "clicks", records: 60 });
  await events.close();
  const headers = { "last-event-id": first.id };
  const again = eventsOf(await served.api.request("/jobs/clicks/updates", { headers }));
  expect((await again.next()).id).toBe(second.id);
  await again.close();
});

test("a table's rows come as they are, then what changes of them", async () => {
  const events = eventsOf(await served.get("/jobs/clicks/tables/totals/updates"));
  const whole = (await events.next()).data as { readonly written: readonly unknown[] };
  expect(whole).toMatchObject({ type: "rows", key: ["user"], total: 7 });
  await served.put([{ user: "new", page: "p", atMs: 1_100_000 }]);
  const { id, data: changed } = await events.next();
  expect(changed).toMatchObject({
    type: "changes",
    written: [{ user: "new", total: 1 }],
    deleted: [],
    total: 8,
  });
  await events.close();
  // Somebody who comes back has missed nothing, somebody new is told all.
  const headers = { "last-event-id": id };
  const back = eventsOf(
    await served.api.request("/jobs/clicks/tables/totals/updates", { headers }),
  );
  const fresh = eventsOf(await served.get("/jobs/clicks/tables/totals/updates"));
  expect((await fresh.next()).data).toMatchObject({ type: "rows", total: 8 });
  await served.put([{ user: "newer", page: "p", atMs: 1_100_000 }]);
  expect((await back.next()).data).toMatchObject({ type: "changes", total: 9 });
  await back.close();
  await fresh.close();
});

test("rows are selected, sorted and limited", async () => {
  const ask = async (query: string) =>
    (await (await served.get(`/jobs/clicks/tables/totals/rows?${query}`)).json()) as {
      readonly rows: readonly { readonly user: string; readonly total: number }[];
      readonly matched: number;
    };
  const { rows, matched } = await ask("orderBy=total&order=descending&limit=2&where=user!%3Dnew");
  expect(rows).toHaveLength(2);
  expect(rows[0]!.total).toBeGreaterThanOrEqual(rows[1]!.total);
  expect(rows.some(isTotals("new"))).toBe(false);
  const fitting = await ask("where=total%3E%3D8&where=user%3Du5");
  expect(fitting).toEqual({ table: "totals", rows: [{ user: "u5", total: 8 }], matched: 1 });
  expect(matched).toBeGreaterThanOrEqual(7);
  expect(await ask("where=total")).toMatchObject({ code: "request-invalid" });
  const unknown = await served.get("/jobs/clicks/tables/passwords/rows");
  expect([unknown.status, await unknown.json()]).toEqual([
    404,
    expect.objectContaining({ code: "result-unknown" }),
  ]);
});
