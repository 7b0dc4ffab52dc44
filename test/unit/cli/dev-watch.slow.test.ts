import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clicksJob, countsIn, writeClicks } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace, type RunningCommand } from "./command.ts";

let folder: string;
let expected: readonly string[];
let lines: readonly string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-watch-"));
  expected = writeClicks(folder, 900);
  lines = readFileSync(join(folder, "clicks.jsonl"), "utf8").split("\n").filter(Boolean);
  writeFileSync(join(folder, "job.ts"), `import { shown } from "./shown.ts";\n${clicksJob}`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const edit = (file: string, from: string, to: string): void => {
  const text = readFileSync(join(folder, file), "utf8");
  expect(text).toContain(from);
  writeFileSync(join(folder, file), text.replace(from, to));
};

async function put(first: number, end: number): Promise<void> {
  writeFileSync(join(folder, "part.jsonl"), lines.slice(first, end).join("\n"));
  await millraceHere(folder, ["put", "clicks", "part.jsonl", "--dir", "run"]);
}

const starts = (stdout: string): number => stdout.match(/"type":"(start|resume)"/g)?.length ?? 0;
const taken = (records: number) => (stdout: string) =>
  stdout.split('"resume"').at(-1)!.includes(`"records":${records}`);
const begun = (run: RunningCommand, count: number) =>
  run.until((stdout) => starts(stdout) >= count);

test("millrace dev --watch begins anew with the state of before, or says why the job goes on as it was", async () => {
  writeFileSync(join(folder, "shown.ts"), "export const shown = 0;\n");
  edit("job.ts", "n }),", "n: n + shown }),");
  const run = millrace(folder, ["dev", "job.ts", "--watch", "--dir", "run", "--json"]);
  await begun(run, 1);
  await put(0, 300);
  await run.until(taken(300));

  // A file that the job's file imports, and the same plan.
  edit("shown.ts", "0", "1000");
  await begun(run, 2);
  edit("shown.ts", "1000", "0");
  await begun(run, 3);

  // No job at all.
  edit("shown.ts", "= 0", "=");
  await run.until((_, stderr) => /shown\.ts:1:.*\n.*\n?.*\nwatch: the job goes on/s.test(stderr));
  edit("shown.ts", "=", "= 0");
  await begun(run, 4);

  // Another plan that has a place for all of the state, and new state beside it.
  await put(300, 600);
  await run.until(taken(600));
  edit("job.ts", 'defineJob("clicks", (env) => {', `defineJob("clicks", (env) => {${another}`);
  await begun(run, 5);

  // One that has none for the windows.
  edit("job.ts", 'uid: "windows"', 'uid: "others"');
  await run.until((_, stderr) => /goes on as it was: [^]*"windows"[^]*--dir run/.test(stderr));
  await put(600, 900);
  await run.until(taken(900));
  await millraceHere(folder, ["stop", "--drain", "--dir", "run"]);
  await run.until((_, stderr) => stderr.includes("waiting for a change"));
  run.kill("SIGINT");
  const { exitCode, stdout, stderr } = await run.end;
  expect(exitCode).toBe(130);
  expect(await countsIn(join(folder, "run"))).toEqual(expected);
  expect(stderr).toMatch(/the job is stopped with a savepoint\nwatch: generation 2 of job clicks/);
  const generations = jsonLines(stdout).flatMap(({ type, generation }) =>
    type === "start" || type === "resume" ? [generation] : [],
  );
  expect(generations).toEqual([1, 1, 1, 1, 2]);
});

/** A branch with state of its own. */
const another = `
    env
      .source(kinesisSource({ stream: "taps", schema: unchecked() }), {
        uid: "taps",
        watermarks: boundedOutOfOrderness({ timestamp: (click) => click.atMs, bound: { seconds: 1 } }),
      })
      .keyBy((click) => click.user)
      .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "tap-windows" })
      .aggregate({ create: () => 0, add: (n) => n + 1, result: (n) => n }, (n, { key }) => ({ user: key, n }))
      .sinkTo(dynamodbSink({ table: "taps", key: ["user"] }), { uid: "tap-rows" });
`;

test("millrace dev --watch without --dir begins a job that is over with its input again", async () => {
  const args = ["dev", "own.ts", "--watch", "--json", "--input", "clicks=clicks.jsonl"];
  writeFileSync(join(folder, "own.ts"), clicksJob);
  const run = millrace(folder, args);
  await run.until((_, stderr) => stderr.includes("waiting for a change"));
  edit("own.ts", "n }),", "n: n + 1 }),");
  await run.until((stdout) => stdout.split('"type":"end"').length > 2);
  await run.until((_, stderr) => stderr.split("waiting for a change").length > 2);
  run.kill("SIGINT");
  const ends = jsonLines((await run.end).stdout).filter(({ type }) => type === "end");
  expect(ends).toMatchObject([
    { recordsOfRun: 900, end: "ended" },
    { recordsOfRun: 900, end: "ended" },
  ]);
});

test("millrace dev --watch doesn't wait for a change that mends what was typed", async () => {
  writeFileSync(join(folder, "typed.ts"), clicksJob);
  const end = async (...words: string[]) =>
    await millrace(folder, ["dev", "typed.ts", "--watch", ...words]).end;
  const both = await end("--no-console", "--port", "0");
  expect(both).toMatchObject({ exitCode: 2, stdout: "" });
  const missing = await end("--input", "clicks=missing.jsonl");
  expect(missing.stderr).toContain("missing.jsonl");
  expect(missing.exitCode).toBe(2);
  const unknown = await end("--input", "taps=clicks.jsonl");
  expect(unknown.stderr).toContain('--input names the stream "taps"');
  expect(unknown.exitCode).toBe(2);
});
