import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asKnownError } from "../../../cli/file-errors.ts";
import { clicksJob } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  writeFileSync(join(folder, "job.ts"), clicksJob);
  writeFileSync(join(folder, "file"), "");
  // No database can be opened there, whoever tries.
  mkdirSync(join(folder, "odd/millrace.db"), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each<[readonly string[], string, string]>([
  [["dev", "job.ts", "--dir", "file"], "file", "file-no-folder"],
  [["dev", "job.ts", "--dir", "file/below"], "file/below", "file-no-folder"],
  [["init", "file/shop"], "file/shop", "file-no-folder"],
  [["dev", "job.ts", "--dir", "odd"], "odd/millrace.db", "store-unavailable"],
  [["rows", "--dir", "odd"], "odd/millrace.db", "store-unavailable"],
  [["status", "--dir", "odd"], "odd/millrace.db", "store-unavailable"],
])(
  "what is not as it should be on the way of %j is named, without a stack",
  async (args, path, code) => {
    const { exitCode, stderr } = await millraceHere(folder, args);
    expect(stderr).toMatch(/^millrace: /);
    expect(stderr).toContain(`${path}"`);
    expect(stderr).toContain(`(${code})`);
    expect(stderr).not.toMatch(/    at |E[A-Z]{3,}/);
    expect(exitCode).toBe(1);
  },
);

test.each([
  ["ENOENT", "file-missing"],
  ["EACCES", "file-denied"],
  ["EPERM", "file-denied"],
  ["EROFS", "file-denied"],
  ["EISDIR", "file-is-folder"],
  ["ENOSPC", "disk-full"],
  ["EMFILE", "too-many-files"],
])("%s of the file system is said as %s, with the path", (system, code) => {
  const thrown = Object.assign(new Error(`${system}: no`), { code: system, path: "run/lock" });
  expect(asKnownError(thrown)).toMatchObject({
    code,
    message: expect.stringContaining('"run/lock"') as string,
    next: expect.any(String) as string,
  });
});

test("an error that is not the file system's, or names no file, stays as it is", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const nameless = Object.assign(new Error("write"), { code: "ENOSPC" });
  for (const thrown of [refused, nameless, "text"]) expect(asKnownError(thrown)).toBe(thrown);
});
