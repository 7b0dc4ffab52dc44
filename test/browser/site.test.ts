import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { patienceMs } from "../patience.ts";
import { root } from "../unit/tidy/sources.ts";
import { startChromium } from "./chromium.ts";
import { type OpenedPage, openPage } from "./open-page.ts";
import { type ServedFolder, serveFolder } from "./serve-folder.ts";

const dist = join(root, "site/.vitepress/dist");

let served: ServedFolder;
let browser: Browser;
beforeAll(async () => {
  // Whoever has built it wants that one looked at.
  if (!existsSync(join(dist, "llms.txt")))
    execFileSync("npm", ["run", "--silent", "site"], { cwd: root, stdio: "inherit" });
  served = await serveFolder(dist);
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  served?.close();
});

const open = (path: string): Promise<OpenedPage> => openPage(browser, `${served.url}${path}`);

test("the tutorial's job runs in its page, and nothing is asked of another host", async () => {
  const { page, errors, hosts } = await open("/docs/tutorial.html");
  // Before anything runs, the figure of its run is there.
  expect(await page.locator("millrace-playground figure svg").count()).toBeGreaterThan(1);
  await page.getByRole("button", { name: "Edit and run" }).first().click();
  await page.getByText("Done: 9 steps").waitFor();
  expect(await page.locator(".mr-playground .mr-late").count()).toBe(1);
  const icon = page.locator('link[rel="icon"]');
  expect(await icon.getAttribute("href")).toMatch(/^data:image\/svg\+xml,%3Csvg/);
  expect(errors).toEqual([]);
  expect([...hosts]).toEqual([new URL(served.url).host]);
});

test("the site is searched without a server", async () => {
  const { page, hosts } = await open("/");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("searchbox").fill("allowedLateness");
  await page.locator(".VPLocalSearchBox .result").first().waitFor();
  expect([...hosts]).toEqual([new URL(served.url).host]);
});

test("links of the first page lead to the others", async () => {
  const { page } = await open("/");
  await page
    .locator(".vp-doc")
    .getByRole("link", { name: "Tutorial", exact: true })
    .first()
    .click();
  await page.waitForURL(/docs\/tutorial/);
  await page.getByRole("heading", { name: "Tutorial", level: 1 }).waitFor();
  expect(await page.locator("millrace-playground").count()).toBeGreaterThan(1);
});

test("a link to a heading leads to it", async () => {
  const { page } = await open("/docs/simulation.html");
  await page.locator('.vp-doc a[href$="#68-garbage"]').first().click();
  await page.waitForURL(/protocol/);
  const heading = page.locator('[id="68-garbage"]');
  await expect.poll(() => heading.count(), { timeout: patienceMs }).toBe(1);
});

test("the reference has what the docstrings say", async () => {
  const { page } = await open("/api/runtime.html");
  expect(await page.locator(".vp-doc").innerText()).toContain("Defines a job.");
});
