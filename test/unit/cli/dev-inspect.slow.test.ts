import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeClicks } from "./clicks.ts";
import { millrace } from "./command.ts";
import { freePort, stopAt } from "./debugger-client.ts";

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "millrace-inspect-")));
  writeClicks(folder, 200);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  { options: [], inWorker: false },
  { options: ["--dir", "run"], inWorker: false },
  { options: ["--dir", "threads", "--workers", "2"], inWorker: true },
])(
  "a debugger stops the job's code where its own file has it, with $options",
  async ({ options, inWorker }) => {
    const port = await freePort();
    const input = ["--input", "clicks=clicks.jsonl", "--rate", "40"];
    const run = millrace(folder, ["dev", "job.ts", ...options, `--inspect=${port}`, ...input]);
    const at = await stopAt({ port, text: "sum.n += 1", inWorker });
    expect(at.file).toBe(join(folder, "job.ts"));
    const text = readFileSync(at.file, "utf8").split("\n")[at.line - 1];
    expect(text).toContain("sum.n += 1");
    // Without its debugger it goes on.
    expect((await run.end).exitCode).toBe(0);
  },
);
