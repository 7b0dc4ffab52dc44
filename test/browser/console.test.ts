import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { orderEvents } from "../../examples/orders-dashboard/order-events.ts";
import { patienceMs } from "../patience.ts";
import { violationsOf } from "./accessibility.ts";
import { startChromium } from "./chromium.ts";
import { type JobProcess, type JobProcessOptions, startJobProcess } from "./job-process.ts";
import { frameTimes } from "./frame-times.ts";
import { type OpenedPage, openPage } from "./open-page.ts";

/** Pictures of the pages; `MILLRACE_PICTURES=docs/console` makes those of the documents. */
const pictures = process.env["MILLRACE_PICTURES"] ?? join(tmpdir(), "millrace-console");

const job = "orders-dashboard";
const fed = 20_000;
let folder: string;
let running: JobProcess;
let browser: Browser;
beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "millrace-browser-"));
  running = await startOrders();
  await running.feed(orders(0, fed));
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await running?.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Orders at some positions of the example's input; some are broken, as they are there. */
const orders = (from: number, to: number): readonly string[] =>
  Array.from(orderEvents({ seed: 1, from, to }), ({ data }) => Buffer.from(data).toString());

const startOrders = (more: Partial<JobProcessOptions> = {}): Promise<JobProcess> =>
  startJobProcess({
    file: "examples/orders-dashboard/job.ts",
    dir: join(folder, "run"),
    stream: "orders",
    ...more,
  });

const open = (page: string, scheme: "light" | "dark" = "light"): Promise<OpenedPage> =>
  openPage(browser, `${running.url}#/${job}${page}`, {
    colorScheme: scheme,
    viewport: { width: 1120, height: 760 },
  });

/** A number on a page that is followed by some words, or stands behind a name. */
async function figure(page: Page, name: string): Promise<number> {
  const shown = await page.locator(`.figures > div:has(dt:text-is("${name}")) dd`).innerText();
  return Number(/[\d,.]+/.exec(shown)?.[0].replaceAll(",", ""));
}

/** Everything that each page has to keep to, and its picture. */
async function keepsTo({ page, errors, refused, hosts }: OpenedPage, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.png`) });
  expect(await violationsOf(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await violationsOf(page)).toEqual([]);
  await page.screenshot({ path: join(pictures, `${name}-dark.png`) });
  expect(errors).toEqual([]);
  expect(refused).toEqual([]);
  expect([...hosts]).toEqual([new URL(running.url).host]);
  await page.close();
}

test("who opens the address sees the one job there is, and how much it takes", async () => {
  const opened = await openPage(browser, running.url, { viewport: { width: 1120, height: 760 } });
  const { page } = opened;
  await page.getByRole("heading", { name: job, level: 1 }).waitFor();
  await page.getByText("running", { exact: true }).waitFor();
  await running.feed(orders(fed, 2 * fed));
  await expect.poll(() => figure(page, "Throughput"), { timeout: patienceMs }).toBeGreaterThan(0);
  await expect.poll(() => page.getByRole("img").count(), { timeout: patienceMs }).toBe(3);
  const slots = page.getByRole("group", { name: "Slots" });
  expect(await slots.locator("tbody tr").count()).toBe(4);
  await keepsTo(opened, "overview");
});

test("the graph has each operator, and opens one", async () => {
  const opened = await open("/graph");
  const { page } = opened;
  await page.locator(".graph a").first().waitFor();
  expect(await page.locator(".graph .stage").count()).toBe(8);
  expect(await page.locator(".graph a").count()).toBe(17);
  await page.locator(".graph a", { hasText: "window sessions" }).press("Enter");
  const panel = page.getByRole("region", { name: "sessions/sessions", exact: true });
  await panel.getByText(/orders-dashboard\.ts:\d+/).waitFor();
  expect(await panel.locator("tbody tr").count()).toBe(2);
  await keepsTo(opened, "graph");
});

test("a savepoint is asked for, comes, and says what each slot gave", async () => {
  const opened = await open("/checkpoints");
  const { page } = opened;
  await page.getByRole("button", { name: "Take a savepoint" }).click();
  const history = page.getByRole("group", { name: "Checkpoints" }).locator("tbody tr");
  await history.first().getByText("complete").waitFor();
  await history.first().getByRole("link").click();
  const slots = page.getByRole("group", { name: "Slots of checkpoint 1-1" });
  await slots.locator("tbody tr").first().waitFor();
  expect(await slots.locator("tbody tr").count()).toBe(4);
  await keepsTo(opened, "checkpoints");
});

test("a dead letter is seen with what was wrong with it", async () => {
  const opened = await open("/deadletters");
  const { page } = opened;
  await page.getByRole("group", { name: "Dead letters" }).getByRole("link").first().click();
  const letter = page.getByRole("region", { name: "Letter", exact: true });
  await letter.locator("pre").first().waitFor();
  expect(await letter.locator("pre").first().innerText()).toContain("order-");
  await keepsTo(opened, "dead-letters");
});

test("a dead letter is mended and replayed by clicking, and the rest thrown away", async () => {
  const { page, errors } = await open("/deadletters");
  const letters = page.getByRole("group", { name: "Dead letters" }).locator("tbody tr");
  await letters.first().getByRole("link").click();
  const letter = page.getByRole("region", { name: "Letter", exact: true });
  const before = await letters.count();
  await letter.getByRole("button", { name: "Edit", exact: true }).click();
  const [order] = orders(0, 1);
  await letter.getByRole("textbox").fill(order!);
  expect(await violationsOf(page)).toEqual([]);
  await letter.getByRole("button", { name: "Replay as edited" }).click();
  await letter.getByText("1 letter put into orders again.").waitFor();
  await expect.poll(() => letters.count(), { timeout: patienceMs }).toBe(before - 1);
  await page.getByRole("button", { name: "Discard all" }).click();
  await page.getByRole("button", { name: "No", exact: true }).click();
  expect(await letters.count()).toBe(before - 1);
  await page.getByRole("button", { name: "Discard all" }).click();
  await page.getByRole("button", { name: "Discard all for good" }).click();
  await page.getByText(/letters? discarded\./).waitFor();
  await expect.poll(() => letters.count(), { timeout: patienceMs }).toBe(0);
  expect(errors).toEqual([]);
  await page.close();
});

test("what is kept for a key is looked up", async () => {
  const opened = await open("/state");
  const { page } = opened;
  await page.getByRole("combobox").selectOption("country-sums/reduced");
  await page.getByRole("textbox").fill("DE");
  await page.getByRole("button", { name: "Look up" }).click();
  await page.getByText("As of commit").waitFor();
  expect(await page.locator("td pre").first().innerText()).toContain("orders");
  await keepsTo(opened, "state");
});

test("rows of a table are seen, and found", async () => {
  const opened = await open("/results/country-totals");
  const { page } = opened;
  const rows = page.getByRole("group", { name: "Rows of country-totals" }).locator("tbody tr");
  await rows.first().waitFor();
  const all = await rows.count();
  await page.getByRole("searchbox").fill('"country":"DE"');
  await expect.poll(() => rows.count(), { timeout: patienceMs }).toBe(1);
  // What is typed as a condition is asked of the whole table.
  await page.getByRole("searchbox").fill("country=DE");
  await page.getByText(`1 of ${all}`).waitFor();
  expect(await rows.count()).toBe(1);
  await page.getByRole("searchbox").fill("country=DE orders<0");
  await page.getByText(`0 of ${all}`).waitFor();
  await page.getByRole("searchbox").fill("orders>many");
  await page.getByText("compares with what is no number").waitFor();
  await page.getByRole("searchbox").fill("");
  await expect.poll(() => rows.count(), { timeout: patienceMs }).toBe(all);
  await keepsTo(opened, "results");
});

test("a job that is killed is missed, comes back, and its timeline has both lives", async () => {
  const opened = await open("/timeline");
  const { page } = opened;
  const starts = page.getByRole("group", { name: "Events", exact: true }).getByText("started");
  await starts.first().waitFor();
  const before = await starts.count();
  const { port } = new URL(running.url);
  await running.kill();
  await page.getByText("nobody serves the job").waitFor();
  running = await startOrders({ port, fed: orders(0, 2 * fed) });
  await page.getByText("live", { exact: true }).waitFor();
  await expect.poll(() => starts.count(), { timeout: patienceMs }).toBeGreaterThan(before);
  // Who serves it now has another token than the one that this page was given.
  await page.getByRole("link", { name: "Checkpoints", exact: true }).click();
  await page.getByRole("button", { name: "Take a savepoint" }).waitFor();
  const savepoints = async (): Promise<number> => {
    const shown = await page.locator('.figures > div:has(dt:text-is("Complete"))').innerText();
    return Number(/(\d+) savepoint/.exec(shown)?.[1]);
  };
  const taken = await savepoints();
  await page.getByRole("button", { name: "Take a savepoint" }).click();
  await expect.poll(savepoints, { timeout: patienceMs }).toBe(taken + 1);
  await page.getByRole("link", { name: "Timeline", exact: true }).click();
  await keepsTo(opened, "timeline");
});

/** As long as a frame may take for what moves to look as if it did. */
const frameMaxMs = 33;

/**
 * What 95 of 100 frames of a page do not exceed, in milliseconds: the least of some looks, the first of which is often enough. What a page does
 * in a frame it does in each of them; what else the machine is busy with comes and goes.
 */
async function usualFrameMs(page: Page): Promise<number> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 5 && leastMs > frameMaxMs; look++) {
    const times = await frameTimes(page, 6);
    leastMs = Math.min(leastMs, times[Math.floor(times.length * 0.95)]!);
  }
  return leastMs;
}

test("a hundred slots and fifty operators are drawn twice a second, and frames stay short", async () => {
  const large = await startJobProcess({
    file: "test/browser/fixture/large-job.ts",
    dir: join(folder, "large"),
    stream: "readings",
    args: ["--shards", "50", "--exchange-shards", "50", "--rate", "50"],
  });
  try {
    const lines = Array.from({ length: 20_000 }, (_, at) =>
      JSON.stringify({ sensor: `sensor-${at % 500}`, atMs: 1_767_600_000_000 + at * 10 }),
    );
    // They are taken one after the other for longer than this test takes; then the process is killed.
    large.feed(lines).catch(() => {});
    const { page } = await openPage(browser, `${large.url}#/large`, {
      viewport: { width: 1440, height: 900 },
    });
    const slots = page.getByRole("group", { name: "Slots" }).locator("tbody tr");
    await expect.poll(() => slots.count(), { timeout: patienceMs }).toBe(100);
    for (const name of ["Overview", "Graph"]) {
      await page.getByRole("link", { name, exact: true }).click();
      await page.getByRole("main", { name }).waitFor();
      const usualMs = await usualFrameMs(page);
      process.stdout.write(`${name}: p95 of frames ${usualMs.toFixed(1)} ms\n`);
      expect(usualMs).toBeLessThanOrEqual(frameMaxMs);
    }
    expect(await page.locator(".graph a").count()).toBe(50);
    await page.close();
  } finally {
    await large.kill();
  }
});

test("a phone shows the same, and nothing stands beside it", async () => {
  const { page } = await openPage(browser, `${running.url}#/${job}`, {
    viewport: { width: 360, height: 740 },
  });
  await page.getByText("running", { exact: true }).waitFor();
  await page.getByRole("heading", { name: "Slots" }).waitFor();
  const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
  expect(await page.evaluate(overflow)).toBe(0);
  await page.screenshot({ path: join(pictures, "phone.png") });
  await page.close();
});

test("a job is stopped by clicking, once it was asked whether that is meant", async () => {
  const { page } = await open("/checkpoints");
  await page.getByRole("button", { name: "Stop the job" }).click();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole("button", { name: "Stop it with a savepoint" }).click();
  expect(await running.over).toBe(0);
  await page.close();
});
