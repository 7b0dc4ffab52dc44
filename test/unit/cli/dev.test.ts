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

const dev = (...args: string[]) => millrace(folder, ["dev", "job.ts", ...args]);
const fromFile = ["--input", "clicks=clicks.jsonl"];

describe("millrace dev", () => {
  test.each(["1", "2"])(
    "with %s workers gives the right rows and ends by itself",
    async (workers) => {
      const dir = join(folder, `workers-${workers}`);
      const { exitCode, stdout, stderr } = await dev(
        "--dir",
        dir,
        "--workers",
        workers,
        ...fromFile,
      ).end;
      expect(stderr).toBe("");
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/starts without state[^]*ended:[^]*6,000 records/);
      expect(await countsIn(dir)).toEqual(expected);
    },
  );

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
    const first = dev(...args, "--rate", "2000");
    await first.until((stdout) => /"type":"progress".*"records":[1-9]/.test(stdout));
    first.kill("SIGINT");
    const stopped = await first.end;
    expect(stopped.exitCode).toBe(130);
    const before = jsonLines(stopped.stdout).at(-1);
    expect(before).toMatchObject({ type: "end", end: "stopped", resumable: true });
    expect(before?.["records"]).toBeLessThan(clickCount);

    const { exitCode, stdout } = await dev(...args).end;
    expect(exitCode).toBe(0);
    const lines = jsonLines(stdout);
    expect(lines[0]).toMatchObject({ type: "resume", records: before?.["records"] });
    expect(lines.at(-1)).toMatchObject({ end: "ended", records: clickCount });
    expect(await countsIn(dir)).toEqual(expected);
  });

  test("resumes with the right rows after SIGKILL", async () => {
    const dir = join(folder, "killed");
    const args = ["--dir", dir, "--json", "--workers", "2", ...fromFile];
    const first = dev(...args, "--rate", "3000");
    await first.until((stdout) => /"type":"progress".*"records":[1-9]/.test(stdout));
    first.kill("SIGKILL");
    expect((await first.end).exitCode).toBeNull();
    const { exitCode, stdout } = await dev(...args).end;
    expect(exitCode).toBe(0);
    expect(jsonLines(stdout)[0]).toMatchObject({ type: "resume", job: "clicks" });
    expect(await countsIn(dir)).toEqual(expected);
  });

  test("refuses a folder with the state of another version of the job", async () => {
    const changed = join(folder, "changed");
    mkdirSync(changed);
    const dir = join(changed, "data");
    expect((await dev("--dir", dir, ...fromFile).end).exitCode).toBe(0);
    writeFileSync(join(changed, "job.ts"), clicksJob.replace("seconds: 10", "seconds: 20"));
    const { exitCode, stdout, stderr } = await millrace(changed, [
      "dev",
      "job.ts",
      "--dir",
      dir,
      "--json",
    ]).end;
    expect(stderr).toContain("(plan-changed)");
    expect(jsonLines(stdout)).toMatchObject([{ type: "error", fatal: true, code: "plan-changed" }]);
    expect(exitCode).toBe(1);
  });

  test("tells of a record that the job can't take, and goes on without it", async () => {
    const dir = join(folder, "dead");
    const args = ["dev", "job.ts", "--dir", dir, "--json", "--input", "clicks=-"];
    const { exitCode, stdout } = await millrace(folder, args, '{"user":"u1","atMs":5}\nnot json\n')
      .end;
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

    const allowed = ["dev", "job.ts", "--allow-dead-letters", "--input", "clicks=bad.jsonl"];
    writeFileSync(join(folder, "bad.jsonl"), "not json\n");
    const end = await millraceHere(folder, allowed);
    expect(end.stdout).toContain(
      'give --dir, and "millrace deadletters list" says what was refused',
    );
    expect(end.exitCode).toBe(0);
  });

  test.each(["1", "2"])(
    "with %s workers shows the rows as they are written, and how many there are at the end; what the job prints stays out of it",
    async (workers) => {
      const talking = join(folder, `talking-${workers}`);
      mkdirSync(talking);
      const job = clicksJob.replace("click.user)", '(console.log("a click"), click.user))');
      writeFileSync(join(talking, "job.ts"), job);
      const args = ["dev", "job.ts", "--workers", workers, "--input", "clicks=-", "--show", "2"];
      const clicks = [5, 10_005, 20_005].map((atMs) => JSON.stringify({ user: "u1", atMs }));
      const { stdout, stderr } = await millrace(talking, args, clicks.join("\n")).end;
      expect(stdout).toMatch(/counts: \d rows? written.*\n {2}user +startMs +n\n {2}u1 +\d+ +1\n/);
      expect(stdout).toContain("  counts: 3 rows, by 3 results of counts\n");
      expect(stdout).not.toContain("a click");
      expect(stderr).toContain("a click");
    },
  );

  test("shows no rows where none are asked for", async () => {
    const { stdout } = await millraceHere(folder, ["dev", "job.ts", "--quiet", ...fromFile]);
    expect(stdout).not.toContain("written");
    const asJson = await millraceHere(folder, ["dev", "job.ts", "--json", ...fromFile]);
    expect(jsonLines(asJson.stdout).map(({ type }) => type)).not.toContain("rows");
  });

  test("says so when the job ends a worker thread", async () => {
    const strange = join(folder, "strange");
    mkdirSync(strange);
    const exiting =
      'import { isMainThread } from "node:worker_threads"; if (!isMainThread) process.exit(5);';
    writeFileSync(join(strange, "job.ts"), `${exiting}${clicksJob}`);
    const args = ["dev", "job.ts", "--workers", "2", "--input", "clicks=../clicks.jsonl"];
    const { exitCode, stderr } = await millrace(strange, args).end;
    expect(stderr).toMatch(/Worker thread \d of 2 ended by itself \(exit code 5\).*worker-ended/s);
    expect(exitCode).toBe(1);
  });
});
