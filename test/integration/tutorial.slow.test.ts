import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { playDocument } from "../../scripts/play-document.ts";
import { root } from "../unit/tidy/sources.ts";
import { installedFolder, type InstalledFolder } from "./installed-folder.ts";

let installed: InstalledFolder;
beforeAll(() => {
  installed = installedFolder();
});
afterAll(() => installed.remove());

test("what the tutorial shows is what happens, block by block", async () => {
  const tutorial = readFileSync(join(root, "docs/tutorial.md"), "utf8");
  expect(await playDocument(tutorial, installed)).toBeGreaterThan(15);
});
