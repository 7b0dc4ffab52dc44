import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clicksJob, countsIn, writeClicks } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace } from "./command.ts";

let folder: string;
let expected: readonly string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  expected = writeClicks(folder, 1_000);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const input = ["--input", "clicks=clicks.jsonl"];
const here = (...args: string[]) => millraceHere(folder, ["dev", ...args]);
const takesSome = (stdout: string) => /"type":"progress".*"records":[1-9]/.test(stdout);

describe("the folder of millrace dev", () => {
  test("is one process's at a time: the same command twice counts nothing twice", async () => {
    const args = ["job.ts", "--dir", "twice", "--json", ...input];
    const first = millrace(folder, ["dev", ...args, "--rate", "20"]);
    await first.until(takesSome);
    const second = await here(...args);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(
      /runs in the folder twice already, by process \d+.*folder-in-use/s,
    );
    first.kill("SIGINT");
    expect((await first.end).exitCode).toBe(130);
    expect((await here(...args)).exitCode).toBe(0);
    expect(await countsIn(join(folder, "twice"))).toEqual(expected);
  });

  test("in which a job has ended says how to start anew, and that is no success", async () => {
    const args = ["job.ts", "--dir", "ended", ...input];
    expect((await here(...args)).exitCode).toBe(0);
    const again = await here(...args);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toMatch(
      /has ended before in the folder ended.*rows --dir ended.*another --dir or remove.*\(job-ended\)/s,
    );
    expect(again.stdout).toBe("");
  });

  test("with the state of another version of the job offers what works, where there is a checkpoint", async () => {
    const job = clicksJob.replace(
      /\}\);\s*$/,
      `}, { checkpoints: { intervalMs: 200, timeoutMs: 60_000, minPauseMs: 0, tolerableFailures: 9, retained: 2, mode: "exactly-once", onCancel: "retain" } });`,
    );
    writeFileSync(join(folder, "first.ts"), job);
    const fitting = job
      .replace(".keyBy", ".filter(() => true).keyBy")
      .replaceAll('"counts"', '"sums"');
    writeFileSync(join(folder, "second.ts"), fitting);
    writeFileSync(join(folder, "third.ts"), job.replace("seconds: 10", "seconds: 20"));
    const args = ["first.ts", "--dir", "v", "--json", ...input, "--rate", "50"];
    const first = millrace(folder, ["dev", ...args]);
    await first.until(takesSome);
    for (let listed = ""; !listed.includes("complete");)
      listed = (await millraceHere(folder, ["checkpoint", "list", "--dir", "v", "--json"])).stdout;
    first.kill("SIGINT");
    await first.end;
    const unfit = await millrace(folder, ["dev", "third.ts", "--dir", "v", ...input]).end;
    expect(unfit.exitCode).toBe(1);
    expect(unfit.stderr).toMatch(
      /saved in tumbling windows of 10000 ms.*as it was, or.*plan-changed/s,
    );
    const changed = await millrace(folder, ["dev", "second.ts", "--dir", "v", ...input]).end;
    expect(changed.exitCode).toBe(1);
    const offered = /millrace (restore latest second\.ts --dir v)/.exec(changed.stderr)?.[1];
    expect(changed.stderr).toContain("(plan-changed)");
    const restored = await millraceHere(folder, offered!.split(" "));
    expect(restored).toMatchObject({ exitCode: 0, stderr: "" });
    const again = await millrace(folder, ["dev", "second.ts", "--dir", "v", ...input]).end;
    expect(again).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("with the state of another version, and no checkpoint, says so", async () => {
    const first = millrace(folder, [
      "dev",
      "job.ts",
      "--dir",
      "none",
      "--json",
      ...input,
      "--rate",
      "500",
    ]);
    await first.until(takesSome);
    first.kill("SIGINT");
    await first.end;
    writeFileSync(join(folder, "changed.ts"), clicksJob.replace("seconds: 10", "seconds: 20"));
    const changed = await here("changed.ts", "--dir", "none", "--json", ...input);
    expect(changed.stderr).toMatch(
      /no checkpoint to go on from: run the job as it was.*savepoint take --dir none.*another --dir/s,
    );
    expect(jsonLines(changed.stdout)).toMatchObject([{ code: "plan-changed", fatal: true }]);
    const ended = await millrace(folder, ["dev", "changed.ts", "--dir", "ended", ...input]).end;
    expect(ended.stderr).toContain("It has ended, and left no checkpoint to go on from");
  });
});
