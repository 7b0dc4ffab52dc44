import type { Browser, Page } from "playwright-core";

export interface OpenedPage {
  readonly page: Page;
  /** What the page threw and nobody caught. */
  readonly errors: readonly string[];
  /** Every host that it asked. */
  readonly hosts: ReadonlySet<string>;
}

export async function openPage(browser: Browser, url: string): Promise<OpenedPage> {
  const page = await browser.newPage();
  const errors: string[] = [];
  const hosts = new Set<string>();
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(url);
  return { page, errors, hosts };
}
