import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { patienceMs } from "../patience.ts";
import { violationsOf } from "./accessibility.ts";
import { startChromium } from "./chromium.ts";
import { type JobProcess, startJobProcess } from "./job-process.ts";
import { openPage } from "./open-page.ts";

const pictures = process.env["MILLRACE_PICTURES"] ?? join(tmpdir(), "millrace-console");
const views = ["latest", "strongest", "hourly", "regions", "last-day"];

/** A page of somebody else's, with styles that would spoil a view, and a policy that allows what a view needs. */
const pageOf = (api: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="content-security-policy"
      content="default-src 'none'; script-src ${api}; connect-src ${api}; style-src 'sha256-none'">
    <title>Quakes</title>
    <script type="module" src="${api}view.js"></script>
  </head>
  <body>
    <main>
      <h1>Quakes</h1>
      <table id="own"><tbody><tr><td>own</td></tr></tbody></table>
      ${views.map((view) => `<millrace-view src="${api}jobs/earthquakes" view="${view}"></millrace-view>`).join("\n")}
    </main>
  </body>
</html>`;

const hour = 3_600_000;
const begin = Date.UTC(2026, 0, 1);
/** Three regions, of which the first shakes most often. */
const quakes = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, at) => {
    const id = from + at;
    return JSON.stringify({
      id: `q${id}`,
      timeMs: begin + id * (hour / 20),
      magnitude: 1 + (id % 6),
      depthKm: 10 + (id % 9),
      place: `${id} km S of ${["Fiji", "Fiji", "Chile", "Japan"][id % 4]}`,
      region: ["Fiji", "Fiji", "Chile", "Japan"][id % 4],
      kind: "earthquake",
    });
  });

let folder: string;
let server: Server;
let page: string;
let running: JobProcess;
let browser: Browser;
const fed = quakes(0, 800);
const start = (port?: string): Promise<JobProcess> =>
  startJobProcess({
    file: "examples/live-dashboard/job.ts",
    dir: join(folder, "run"),
    stream: "quakes",
    ...(port === undefined ? {} : { port }),
    args: ["--allow-origin", new URL(page).origin],
  });
beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "millrace-view-"));
  server = createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(pageOf(running.url));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  running = await start();
  await running.feed(fed);
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await running?.kill();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test("views stand in a page of another origin, follow the job through its end, and leave the page as it is", async () => {
  const opened = await openPage(browser, page, { viewport: { width: 900, height: 900 } });
  const view = (name: string) => opened.page.locator(`millrace-view[view="${name}"]`);
  const rows = view("latest").locator("tbody tr");
  await expect.poll(() => rows.count(), { timeout: patienceMs }).toBe(200);
  const regions = view("regions").locator(".bars li");
  await expect.poll(() => regions.first().innerText(), { timeout: patienceMs }).toContain("400");
  expect(await regions.first().innerText()).toContain("Fiji");
  expect(await view("strongest").locator(".bars li").count()).toBe(10);
  await view("hourly")
    .getByRole("img", { name: /By the hour: 3 lines/ })
    .waitFor();
  await expect
    .poll(() => view("last-day").locator(".one-number").innerText(), { timeout: patienceMs })
    .toMatch(/^\d+$/);
  // Nothing of a view's style reaches the page.
  const own = `getComputedStyle(document.querySelector("#own td")).paddingRight`;
  expect(await opened.page.evaluate(own)).toBe("1px");
  // What a page says of a view reaches it.
  await view("regions").evaluate((element) => {
    element.style.setProperty("--water", "rgb(200, 0, 0)");
  });
  const bar = `getComputedStyle(
    document.querySelector('[view="regions"]').shadowRoot.querySelector(".bars i i"),
  ).backgroundColor`;
  expect(await opened.page.evaluate(bar)).toBe("rgb(200, 0, 0)");
  expect(await violationsOf(opened.page)).toEqual([]);
  expect(opened.errors).toEqual([]);
  expect(opened.refused).toEqual([]);
  await opened.page.screenshot({ path: join(pictures, "embedded.png"), fullPage: true });

  const { port } = new URL(running.url);
  await running.kill();
  await view("regions").getByText("Not connected").waitFor();
  expect(await regions.first().innerText()).toContain("400");
  running = await start(port);
  await running.feed(quakes(800, 880));
  await expect.poll(() => regions.first().innerText(), { timeout: patienceMs }).toContain("440");
  await expect
    .poll(() => view("regions").getByText("Not connected").count(), { timeout: patienceMs })
    .toBe(0);
  await opened.page.close();
});

test("a view that there is not, and a page that is not allowed, are told so where the view would be", async () => {
  const { page: elsewhere } = await openPage(browser, "about:blank");
  await elsewhere.goto(page);
  await elsewhere
    .locator("millrace-view")
    .first()
    .evaluate((element) => {
      element.setAttribute("view", "strangest");
    });
  await elsewhere.getByText('The job has no view "strangest"; there are latest').waitFor();
  await elsewhere
    .locator("millrace-view")
    .first()
    .evaluate((element) => {
      element.removeAttribute("src");
    });
  await elsewhere.getByText("millrace-view lacks src").waitFor();
  // The same page under a name that is another origin.
  await elsewhere.goto(page.replace("127.0.0.1", "localhost"));
  await elsewhere.getByRole("heading", { name: "Quakes" }).waitFor();
  const isDefined = "customElements.get('millrace-view') !== undefined";
  expect(await elsewhere.evaluate(isDefined)).toBe(false);
  await elsewhere.close();
});
