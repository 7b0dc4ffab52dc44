import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { millraceHere } from "./command-here.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const init = (...args: string[]) => millraceHere(folder, ["init", ...args]);

test("a project is written under its own name, and nothing is left to fill in", async () => {
  const { exitCode, stdout, stderr } = await init("big-shop", "--package", "file:../m.tgz");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("cd big-shop");
  const files = readdirSync(join(folder, "big-shop")).toSorted();
  expect(files).toEqual(
    expect.arrayContaining([".gitignore", "app.ts", "job.test.ts", "job.ts", "package.json"]),
  );
  const texts = files.map((file) => readFileSync(join(folder, "big-shop", file), "utf8")).join("");
  expect(texts).not.toContain("{{");
  expect(texts).toContain('defineJob("big-shop"');
  expect(texts).toContain('new Stack(app, "BigShop"');
  expect(texts).toContain('"millrace": "file:../m.tgz"');
});

test("a folder that holds something is left as it is", async () => {
  mkdirSync(join(folder, "full"));
  writeFileSync(join(folder, "full", "a.txt"), "a");
  const { exitCode, stderr } = await init("full");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/is not empty.*folder-not-empty/s);
  expect(readdirSync(join(folder, "full"))).toEqual(["a.txt"]);
});

test("a name that can't be a job's is refused", async () => {
  const { exitCode, stderr } = await init("Big Shop");
  expect(exitCode).toBe(2);
  expect(stderr).toContain('"Big Shop" must be small letters');
});
