import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clicksJob, countsIn, writeClicks } from "./clicks.ts";
import { jsonLines, millrace } from "./command.ts";

let folder: string;
let expected: readonly string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  expected = writeClicks(folder, 6_000);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dev = (...args: string[]) => millrace(folder, ["dev", "job.ts", ...args]);
const fromFile = ["--input", "clicks=clicks.jsonl"];

describe("millrace dev", () => {
  test("with two workers gives the right rows and ends by itself", async () => {
    const dir = join(folder, "workers-2");
    const { exitCode, stdout, stderr } = await dev("--dir", dir, "--workers", "2", ...fromFile).end;
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/starts without state[^]*ended:[^]*6,000 records/);
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
