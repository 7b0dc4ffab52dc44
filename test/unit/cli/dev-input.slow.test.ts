import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clicksJob } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace } from "./command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  writeFileSync(join(folder, "job.ts"), clicksJob);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("millrace dev counts what it refuses once, whichever run reads it, and all that comes through pipes", async () => {
  const long = JSON.stringify({ user: "u".repeat(2_000_000), atMs: 1 });
  const lines = [
    long,
    ...Array.from({ length: 10 }, (_, at) => JSON.stringify({ user: "u", atMs: at })),
  ].join("\n");
  writeFileSync(join(folder, "again.jsonl"), lines);
  const counted = async () => {
    const status = await millraceHere(folder, ["status", "--dir", "again", "--json"]);
    return jsonLines(status.stdout)[0]!["deadLetters"];
  };
  const args = ["dev", "job.ts", "--dir", "again", "--json", "--no-end"];
  const run = async (input: string, text: string, is: string): Promise<void> => {
    const running = millrace(folder, [...args, "--input", `clicks=${input}`], text);
    await running.until((stdout) => stdout.includes(is));
    running.kill("SIGINT");
    await running.end;
  };
  await run("again.jsonl", "", '"records":10');
  expect(await counted()).toBe(1);
  await run("again.jsonl", "", '"type":"progress"');
  expect(await counted()).toBe(1);
  for (const sum of [2, 3]) {
    await run("-", lines, '"dead-letters"');
    expect(await counted()).toBe(sum);
  }
});
