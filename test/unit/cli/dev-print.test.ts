import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clicksJob } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  const job = clicksJob
    .replace("dynamodbSink, kinesisSource", "printSink, kinesisSource")
    .replace(/dynamodbSink\(\{[^}]*\}\)/, 'printSink({ label: "counts" })');
  writeFileSync(join(folder, "job.ts"), job);
  writeFileSync(join(folder, "clicks.jsonl"), '{"user":"ann","atMs":5}\n{"user":"ann","atMs":6}\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(["1", "2"])(
  "with %s workers what a job prints stands on standard output",
  async (workers) => {
    const args = ["dev", "job.ts", "--workers", workers, "--input", "clicks=clicks.jsonl"];
    const { exitCode, stdout } = await millraceHere(folder, args);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('counts> {"user":"ann","startMs":0,"n":2}\n');
  },
);
