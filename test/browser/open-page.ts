import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export interface OpenedPage {
  readonly page: Page;
  /** What the page threw and nobody caught. */
  readonly errors: readonly string[];
  /** What its policy kept it from. */
  readonly refused: readonly string[];
  /** Every host that it asked. */
  readonly hosts: ReadonlySet<string>;
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const page = await browser.newPage(options);
  const errors: string[] = [];
  const refused: string[] = [];
  const hosts = new Set<string>();
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) refused.push(message.text());
  });
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(url);
  return { page, errors, refused, hosts };
}
