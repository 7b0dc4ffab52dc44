import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { durablePorts } from "../../../runtime/embedded/ports.ts";
import { clicksJob } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace } from "./command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-too-large-"));
  writeFileSync(
    join(folder, "job.ts"),
    clicksJob.replace('stream: "clicks",', 'stream: "clicks", compression: "detect",'),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a letter whose document no record can hold stays", async () => {
  const job = millrace(folder, ["dev", "job.ts", "--dir", "d", "--json", "--allow-dead-letters"]);
  await job.until((stdout) => stdout.includes('"progress"'));
  const { writer, close } = durablePorts(join(folder, "d"));
  // Without a key; small as it came, and 1.4 MB when it is opened.
  const data = gzipSync(JSON.stringify({ atMs: 1, text: "é".repeat(700_000) }));
  await writer.put("clicks", [{ partitionKey: "a", data }]);
  close();
  await job.until((stdout) => stdout.includes('"deadLetters":1'));

  const deadLetters = (...words: string[]) =>
    millraceHere(folder, ["deadletters", ...words, "--dir", "d"]);
  const { stdout, exitCode } = await deadLetters("replay", "--all");
  expect(stdout).toMatch(/^ {2}\S+:0 stays: it has 14000\d\d bytes with its partition key/);
  expect(exitCode).toBe(0);
  expect(jsonLines((await deadLetters("show", "--json")).stdout)).toHaveLength(1);
  job.kill("SIGINT");
  await job.end;
});
