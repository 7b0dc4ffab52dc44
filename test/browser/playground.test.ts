import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundlePlayground } from "../../scripts/bundle-playground.ts";
import { root } from "../unit/tidy/sources.ts";
import { violationsOf } from "./accessibility.ts";
import { startChromium } from "./chromium.ts";
import { type OpenedPage, openPage } from "./open-page.ts";
import { type ServedFolder, serveFolder } from "./serve-folder.ts";

const tutorial = readFileSync(join(root, "docs/tutorial.md"), "utf8");
const fileOf = (name: string): string =>
  new RegExp(`^\`\`\`\\w+ file=${name}[^\n]*\n([\\s\\S]*?)^\`\`\`$`, "m").exec(tutorial)?.[1] ?? "";

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (job: string, input: string): string => `<!doctype html>
<html lang="en" style="color-scheme: light dark"><head><meta charset="utf-8"><title>Playground</title>
<link rel="stylesheet" href="/element.css"><script type="module" src="/element.js"></script></head>
<body><main><h1>Playground</h1><millrace-playground job="${escaped(job)}" input="${escaped(input)}"></millrace-playground></main></body></html>`;

let folder: string;
let served: ServedFolder;
let browser: Browser;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-browser-"));
  await bundlePlayground(folder);
  served = await serveFolder(folder, {
    "/index.html": page(fileOf("job.ts"), fileOf("readings.jsonl")),
    "/broken.html": page("export default (", ""),
    "/endless.html": page("for (;;);", ""),
  });
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  served?.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (path: string): Promise<OpenedPage> => openPage(browser, `${served.url}${path}`);

test("the engine runs in a browser's worker, and what it did is drawn, listed and written out", async () => {
  const { page, errors, hosts } = await open("/");
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText("Done: 9 steps").waitFor();
  expect(await page.getByRole("img").getAttribute("aria-label")).toBe(
    "Event time: 7 elements, 1 late; 5 windows, 5 fired; watermark end",
  );
  expect(await page.locator(".mr-late").count()).toBe(1);
  expect(await page.locator(".mr-fired").count()).toBe(5);
  const results = page.getByRole("table", { name: "Results" });
  expect(await results.locator("tbody tr").count()).toBe(5);
  expect(await page.getByRole("table", { name: "Late" }).innerText()).toContain("08:00:50");
  expect(await page.getByRole("table", { name: "Dead letters" }).innerText()).toContain(
    "expected number, received string",
  );
  expect(await page.locator(".mr-transcript").textContent()).toContain(
    "line 8    watermark 08:02:04.999\n          late: 1 for minutes\n",
  );
  expect(errors).toEqual([]);
  expect([...hosts]).toEqual([new URL(served.url).host]);
});

test("a run is looked at step by step", async () => {
  const { page } = await open("/");
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText("Done: 9 steps").waitFor();
  const scrubber = page.getByRole("slider", { name: "Step" });
  await scrubber.fill("3");
  expect(await scrubber.getAttribute("aria-valuetext")).toBe("3 of 9");
  expect(await page.locator(".mr-fired").count()).toBe(0);
  await scrubber.press("ArrowRight");
  expect(await page.locator(".mr-fired.mr-new").count()).toBe(2);
});

test("job and input are edited, and run again", async () => {
  const { page } = await open("/");
  await page.getByLabel("Input").fill('{"sensor":"attic","celsius":1,"at":"2026-03-01T08:00:05Z"}');
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText("Done: 2 steps").waitFor();
  expect(await page.getByRole("table", { name: "Results" }).innerText()).toContain(
    '"sensor":"attic"',
  );
});

async function statusOf(page: Page, text: string): Promise<string> {
  await page.getByText(text).waitFor();
  return await page.getByRole("status").innerText();
}

test("what is wrong with a job is said", async () => {
  const { page } = await open("/broken.html");
  await page.getByRole("button", { name: "Run" }).click();
  expect(await statusOf(page, "The file is no TypeScript")).toContain("(1:17)");
});

test("a job that loops is stopped", async () => {
  const { page } = await open("/endless.html");
  await page.getByRole("button", { name: "Run" }).click();
  expect(await statusOf(page, "has not answered")).toContain("for 10 seconds");
});

test.each(["light", "dark"] as const)(
  "nothing is inaccessible when it is %s",
  async (colorScheme) => {
    const { page } = await open("/");
    await page.emulateMedia({ colorScheme });
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Done: 9 steps").waitFor();
    expect(await violationsOf(page)).toEqual([]);
  },
);
