import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clicksJob, writeClicks } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace, type RunningCommand } from "./command.ts";

let folder: string;
let job: RunningCommand;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-steering-"));
  writeClicks(folder, 30);
  // Two documents without a key.
  appendFileSync(join(folder, "clicks.jsonl"), '\n{"atMs":1}\n{"atMs":2}\n');
  job = millrace(folder, [
    "dev",
    "job.ts",
    "--dir",
    "d",
    "--json",
    "--shards",
    "1",
    "--exchange-shards",
    "1",
    "--allow-dead-letters",
  ]);
  await job.until((stdout) => stdout.includes('"progress"'));
  await run("put", "clicks", "clicks.jsonl");
  await job.until((stdout) => stdout.includes('"records":32'));
});
afterAll(async () => {
  job.kill("SIGINT");
  await job.end;
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) => millraceHere(folder, [...args, "--dir", "d"]);

test("state get shows what a key has now, as of a version of its slot, while the job runs", async () => {
  const { stdout, exitCode } = await run("state", "get", "windows", "windows", "u3");
  expect(stdout).toMatch(
    /^.*\n {2}as of version \d+ of slot exchange\/shardId-000000000000, generation 1, watermark \S+\n$/,
  );
  expect(exitCode).toBe(0);
  const asked = await run("state", "get", "windows", "windows", "u3", "--json");
  expect(jsonLines(asked.stdout)).toMatchObject([
    {
      type: "state",
      found: true,
      entries: [{ entry: "0/10000", value: { accumulator: { n: 4 } } }],
    },
  ]);
  const none = await run("state", "get", "windows", "window", "u3");
  expect(none.stderr).toContain("there are windows/windows.\n  Give one of these");
});

test("state history shows what a key had, version by version, and state watch each change", async () => {
  const asked = ["windows", "windows", "u3"];
  const { stdout, exitCode } = await run("state", "history", ...asked);
  expect(stdout).toMatch(/^version \d+, watermark .*\n {2}.*"n":\d+/);
  expect(stdout).toMatch(/\nversions \d+ to \d+ of slot exchange\/\S+, generation 1; .*\n$/);
  expect(exitCode).toBe(0);
  const json = jsonLines((await run("state", "history", ...asked, "--json")).stdout);
  expect(json).toMatchObject([{ type: "stateHistory", changes: [{ found: true }] }]);
  const watch = millrace(folder, ["state", "watch", ...asked, "--dir", "d"]);
  await watch.until((text) => text.includes('"n":'));
  watch.kill("SIGINT");
  const end = await watch.end;
  expect(end.stdout).toMatch(/^version \d+, watermark \S+\n {2}.*"n":4/);
  expect(end.exitCode).toBe(0);
});

test("metrics are Prometheus' text, or objects", async () => {
  const { stdout } = await run("metrics");
  expect(stdout).toMatch(/^# HELP \w+ .*\n# TYPE \w+ gauge\n\w+\{.*job="clicks".*\} 1$/m);
  const found = jsonLines((await run("metrics", "--json")).stdout);
  expect(found.find(({ value }) => value === 32)).toMatchObject({ type: "metric" });
});

test("watch shows what flows until it is told to end", async () => {
  const watch = millrace(folder, ["watch", "--dir", "d", "--json"]);
  await watch.until((stdout) => stdout.split('"progress"').length > 2);
  watch.kill("SIGINT");
  const { exitCode, stdout } = await watch.end;
  expect(jsonLines(stdout)[0]).toMatchObject({ type: "progress", records: 32, deadLetters: 2 });
  expect(exitCode).toBe(0);
});

test("diff says how a file differs from what runs, and what becomes of the state", async () => {
  expect(await run("diff", "job.ts")).toEqual({
    exitCode: 0,
    stderr: "",
    stdout: "generation 1 of job clicks has this very plan: a deployment takes its place at once\n",
  });
  const wider = clicksJob.replace(
    "tumblingWindows({ size: { seconds: 10 } })",
    "tumblingWindows({ size: { seconds: 20 } })",
  );
  writeFileSync(join(folder, "other.ts"), wider.replace('uid: "windows"', 'uid: "others"'));
  const other = await run("diff", "other.ts");
  expect(other.stdout).toMatch(/^- .*windows.*$/m);
  expect(other.stdout).toMatch(/^\+ .*others.*$/m);
  expect(other.stdout).toMatch(/its state does not fit: .*\n- Operator "windows"/);
  expect(other.exitCode).toBe(1);
});

test("dead letters are put into their streams again, or discarded, by name or all", async () => {
  const letters = jsonLines((await run("deadletters", "show", "--json")).stdout);
  expect(letters).toHaveLength(2);
  const id = String(letters[0]!["id"]);
  expect((await run("deadletters", "discard")).stderr).toContain("it is not said which letters");
  expect((await run("deadletters", "discard", "--id", "no")).stderr).toContain(
    'no dead letter "no"',
  );
  for (const command of [["discard", "--all"], ["replay", "--all"], ["list"], ["show"]]) {
    const typo = await run("deadletters", ...command, "--operator", "clicsk");
    expect(typo.stderr).toMatch(/no operator "clicsk"\.\n.*There are .*windows/);
    expect(typo.exitCode).toBe(1);
  }
  expect((await run("deadletters", "discard", "--id", id)).stdout).toBe(
    "1 dead letter of job clicks discarded\n",
  );
  expect(await run("deadletters", "replay", "--all")).toEqual({
    exitCode: 0,
    stderr: "",
    stdout: "1 dead letter put into stream clicks again\n",
  });
  // It is refused again: the job has not been mended.
  await job.until((stdout) => stdout.includes('"records":33'));
  const again = jsonLines((await run("deadletters", "show", "--json")).stdout);
  expect(again.map(({ document, payload }) => document ?? payload)).toEqual([
    letters[1]!["document"] ?? letters[1]!["payload"],
  ]);
  const rows = jsonLines((await run("rows", "clicks", "--json")).stdout);
  expect(rows).toHaveLength(
    readFileSync(join(folder, "clicks.jsonl"), "utf8").split("\n").filter(Boolean).length + 1,
  );
});

test("a letter of a source that is partitioned goes to the shard of its key, or stays where nobody knows that", async () => {
  const partitioned = (by: string, job: string) =>
    clicksJob
      .replace('uid: "clicks",', `uid: "clicks", partitionedBy: ${by},`)
      .replace('defineJob("clicks"', `defineJob("${job}"`);
  writeFileSync(join(folder, "by-field.ts"), partitioned('"user"', "by-field"));
  writeFileSync(join(folder, "by-function.ts"), partitioned("(c) => `${c.user}!`", "by-function"));
  writeFileSync(join(folder, "bad.jsonl"), '{"user":"u1","atMs":"never"}\n');
  for (const name of ["by-field", "by-function"])
    await millraceHere(
      folder,
      `dev ${name}.ts --dir ${name} --name ${name} --allow-dead-letters --no-console --input clicks=bad.jsonl --key clicks=user`.split(
        " ",
      ),
    );
  const replay = (dir: string, ...more: string[]) =>
    millraceHere(folder, ["deadletters", "replay", "--all", "--dir", dir, ...more]);
  expect((await replay("by-function")).stdout).toContain(
    "stays: source clicks is partitioned by a function: say with --key",
  );
  const taken = await replay("by-field");
  expect(taken.stdout + taken.stderr).not.toContain("stays");
});

test("diff compares a job that runs under another name with the file under that name", async () => {
  const named = ["--dir", "named", "--name", "others", "--allow-dead-letters", "--no-console"];
  await millraceHere(folder, ["dev", "job.ts", ...named, "--input", "clicks=clicks.jsonl"]);
  const where = ["--dir", "named", "--job", "others"];
  const { stdout, exitCode } = await millraceHere(folder, ["diff", "job.ts", ...where]);
  expect(stdout).toBe(
    "generation 1 of job others has this very plan, and has finished: it goes on with a restore, from `latest` for instance\n",
  );
  expect(exitCode).toBe(0);
});

test("cancel stops at once", async () => {
  const { stdout } = await run("cancel");
  expect(stdout).toContain("job clicks was cancelled: generation 1 takes nothing any more");
  expect((await job.end).exitCode).toBe(0);
});
