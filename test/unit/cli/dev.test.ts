import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clicksJob, countsIn, writeClicks } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace } from "./command.ts";

const clickCount = 6_000;
let folder: string;
let expected: readonly string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  expected = writeClicks(folder, clickCount);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const devHere = (...args: string[]) => millraceHere(folder, ["dev", "job.ts", ...args]);
const fromFile = ["--input", "clicks=clicks.jsonl"];

describe("millrace dev", () => {
  test("gives the right rows and ends by itself", async () => {
    const dir = join(folder, "rows");
    const { exitCode, stdout, stderr } = await devHere("--dir", dir, ...fromFile);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/starts without state[^]*ended:[^]*6,000 records/);
    expect(await countsIn(dir)).toEqual(expected);
  });

  test("reads standard input, and puts records under the field that --key names", async () => {
    const dir = join(folder, "stdin");
    const text = readFileSync(join(folder, "clicks.jsonl"), "utf8");
    const args = ["--dir", dir, "--input", "clicks=-", "--key", "clicks=user", "--json"];
    const { exitCode, stdout } = await millrace(folder, ["dev", "job.ts", ...args], text).end;
    expect(exitCode).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      type: "end",
      end: "ended",
      recordsOfRun: clickCount,
      deadLetters: 0,
    });
    expect(await countsIn(dir)).toEqual(expected);
  });

  test("stops cleanly on SIGINT, says where it resumes, and feeds no line twice", async () => {
    const dir = join(folder, "interrupted");
    const args = ["--dir", dir, "--json", ...fromFile];
    const first = millrace(folder, ["dev", "job.ts", ...args, "--rate", "2000"]);
    await first.until((stdout) => /"type":"progress".*"records":[1-9]/.test(stdout));
    first.kill("SIGINT");
    const stopped = await first.end;
    expect(stopped.exitCode).toBe(130);
    const before = jsonLines(stopped.stdout).at(-1);
    expect(before).toMatchObject({ type: "end", end: "stopped", resumable: true });
    expect(before?.["records"]).toBeLessThan(clickCount);

    const { exitCode, stdout } = await devHere(...args);
    expect(exitCode).toBe(0);
    const lines = jsonLines(stdout);
    expect(lines[0]).toMatchObject({ type: "resume", records: before?.["records"] });
    expect(lines.at(-1)).toMatchObject({ end: "ended", records: clickCount });
    expect(await countsIn(dir)).toEqual(expected);
  });

  test("refuses a folder with the state of another version of the job", async () => {
    const changed = join(folder, "changed");
    mkdirSync(changed);
    const dir = join(changed, "data");
    expect((await devHere("--dir", dir, ...fromFile)).exitCode).toBe(0);
    writeFileSync(join(changed, "job.ts"), clicksJob.replace("seconds: 10", "seconds: 20"));
    const args = ["dev", "job.ts", "--dir", dir, "--json"];
    const { exitCode, stdout, stderr } = await millrace(changed, args).end;
    expect(stderr).toContain("(plan-changed)");
    expect(jsonLines(stdout)).toMatchObject([{ type: "error", fatal: true, code: "plan-changed" }]);
    expect(exitCode).toBe(1);
  });

  test("tells of a record that the job can't take, and goes on without it", async () => {
    const dir = join(folder, "dead");
    writeFileSync(join(folder, "half.jsonl"), '{"user":"u1","atMs":5}\nnot json\n');
    const args = ["--dir", dir, "--json", "--input", "clicks=half.jsonl"];
    const { exitCode, stdout } = await devHere(...args);
    expect(exitCode).toBe(3);
    expect(jsonLines(stdout)).toContainEqual(
      expect.objectContaining({
        type: "alarm",
        code: "dead-letters",
        detail: expect.objectContaining({ count: 1 }) as object,
      }),
    );
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: "end", deadLetters: 1 });
    expect(await countsIn(dir)).toEqual(["u1 0 1"]);

    writeFileSync(join(folder, "bad.jsonl"), "not json\n");
    const end = await devHere("--allow-dead-letters", "--input", "clicks=bad.jsonl");
    expect(end.stdout).toContain(
      'give --dir, and "millrace deadletters list" says what was refused',
    );
    expect(end.exitCode).toBe(0);
  });

  test("shows no rows where none are asked for", async () => {
    const { stdout } = await devHere("--quiet", ...fromFile);
    expect(stdout).not.toContain("written");
    const asJson = await devHere("--json", ...fromFile);
    expect(jsonLines(asJson.stdout).map(({ type }) => type)).not.toContain("rows");
  });
});
