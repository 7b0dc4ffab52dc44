import { afterAll, beforeAll, expect, test } from "vitest";
import type { StateHistoryView } from "../../../http/schemas/state.ts";
import { serveJob, someClicks } from "../http/served-job.ts";

/** A log that holds all that the job commits here. */
let served: Awaited<ReturnType<typeof serveJob>>;
beforeAll(async () => void (served = await serveJob()));
afterAll(async () => await served.close());

async function history(path: string): Promise<StateHistoryView> {
  const response = await served.get(`/jobs/clicks/state/${path}`);
  expect(response.status).toBe(200);
  return (await response.json()) as StateHistoryView;
}

const click = (page: string) => ({ user: "late", page, atMs: 2_000_000 });

test("each commit that changed a key's state is told with what it was then, from its beginning", async () => {
  const pages = ["p0", "p1", "p0"];
  for (const [at, page] of pages.entries()) {
    await served.put([click(page)]);
    await served.untilTaken(someClicks.length + at + 1);
  }
  const { changes, from, slot } = await history("totals/total/history?key=late");
  expect(changes.map(({ entries }) => entries)).toEqual([
    [{ value: 3 }],
    [{ value: 2 }],
    [{ value: 1 }],
  ]);
  expect(from).toBe(1);
  expect(slot).toMatch(/^exchange\//);
  expect(changes[0]!.afterMs).toBeGreaterThan(0);
  const map = await history("totals/pages/history?key=late");
  expect(map.changes[0]!.entries).toEqual([
    { entry: "p0", value: 2 },
    { entry: "p1", value: 1 },
  ]);
  expect(map.changes.at(-1)!.entries).toEqual([{ entry: "p0", value: 1 }]);
});

test("of many changes the newest are told, and of a key that never was none", async () => {
  const { changes } = await history("totals/total/history?key=late&limit=2");
  expect(changes.map(({ entries }) => entries[0]!.value)).toEqual([3, 2]);
  expect((await history("totals/total/history?key=nobody")).changes).toEqual([]);
});
