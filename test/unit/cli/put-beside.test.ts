import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { durablePorts } from "../../../runtime/embedded/ports.ts";
import { countsIn, writeClicks } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";

let folder: string;
let expected: readonly string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-beside-"));
  expected = writeClicks(folder, 30);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("an input is taken whole, however much was put into its stream by others", async () => {
  const dir = join(folder, "d");
  const ports = durablePorts(dir);
  await ports.admin.createStream("clicks", { shards: 1 });
  ports.close();
  const others = ["a", "b", "c"].map((user) => JSON.stringify({ user, atMs: 1 }));
  writeFileSync(join(folder, "others.jsonl"), others.join("\n"));
  const put = await millraceHere(folder, ["put", "clicks", "others.jsonl", "--dir", dir]);
  expect(put.exitCode).toBe(0);

  const feed = ["--input", "clicks=clicks.jsonl", "--shards", "1", "--no-console", "--quiet"];
  const { exitCode } = await millraceHere(folder, ["dev", "job.ts", "--dir", dir, ...feed]);
  expect(exitCode).toBe(0);
  expect(await countsIn(dir)).toEqual(["a 0 1", "b 0 1", "c 0 1", ...expected]);
});
