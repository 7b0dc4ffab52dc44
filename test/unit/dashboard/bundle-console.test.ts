import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { consoleAsset } from "../../../dashboard/assets.ts";
import { bundleConsole } from "../../../dashboard/bundle-console.ts";

/** A ratchet: it may fall. Preact, what draws charts and what places boxes are four fifths of it. */
const gzippedBytesMax = 75_000;

const files = ["console.css", "console.html", "console.js", "console.svg"];

test("the whole console is small enough to be opened in passing", () => {
  const sizes = files.map((file) => gzipSync(consoleAsset(`/${file}`)!.bytes).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(gzippedBytesMax);
});

/** The same of what pages of others load: what draws lines is more than half of it. */
const viewBytesMax = 39_000;

test("a view in a page is small, asks no other host, and is no fault where pages are rendered", async () => {
  const { bytes } = consoleAsset("/view.js")!;
  expect(gzipSync(bytes).length).toBeLessThan(viewBytesMax);
  const text = Buffer.from(bytes).toString();
  expect(text.replaceAll(/http:\/\/(www\.w3\.org|127\.0\.0\.1)/g, "")).not.toMatch(/https?:\/\//);
  await import(`data:text/javascript,${encodeURIComponent(text)}`);
});

test("its page is what stands at the root, and nothing else of this machine is served", () => {
  const page = consoleAsset("/")!;
  expect(page).toEqual(consoleAsset("/console.html"));
  expect(page.type).toBe("text/html; charset=utf-8");
  for (const path of [
    "",
    "/../package.json",
    "/%2e%2e/package.json",
    "/constructor",
    "/console.tsx",
  ])
    expect(consoleAsset(path), path).toBeUndefined();
});

test("its page has neither scripts nor styles of its own, and asks no other host", () => {
  const text = Buffer.from(consoleAsset("/")!.bytes).toString();
  expect(text).not.toMatch(/<style|style=|\son\w+=|https?:/);
  expect(text.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/console.js">']);
});

test("a package has the same, built", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-console-"));
  try {
    bundleConsole(folder);
    expect(readdirSync(folder).toSorted()).toEqual(files);
    for (const file of files)
      expect(readFileSync(join(folder, file))).toEqual(
        Buffer.from(consoleAsset(`/${file}`)!.bytes),
      );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
