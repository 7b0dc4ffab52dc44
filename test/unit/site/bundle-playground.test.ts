import { hash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundlePlayground } from "../../../scripts/bundle-playground.ts";
import { hash as hashInBrowser } from "../../../site/playground/node-crypto.ts";

let folder: string;
let inputs: readonly string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-playground-"));
  inputs = Object.keys((await bundlePlayground(folder)).inputs);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A ratchet: it may fall. Engine with all of its operators, zod and what takes types away are all of it. */
const gzippedBytesMax = 290_000;

test("the whole playground is small enough to be loaded in passing", () => {
  const files = readdirSync(folder);
  expect(files.toSorted()).toEqual(["element.css", "element.js", "worker.js"]);
  const sizes = files.map((file) => gzipSync(readFileSync(join(folder, file))).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(gzippedBytesMax);
});

test("nothing of Node and of AWS is in it", () => {
  expect(inputs.length).toBeGreaterThan(100);
  const foreign = inputs.filter((path) => /runtime\/(aws|node)\/|@aws-sdk|sqlite/.test(path));
  expect(foreign).toEqual([]);
});

test.each(["", "a", "sensor-1", "ключ"])(
  "what stands for Node's md5 gives the same of %j",
  (text) => {
    expect(hashInBrowser("md5", text)).toBe(hash("md5", text, "hex"));
  },
);
