import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clicksJob } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace } from "./command.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "millrace-test-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Click {
  readonly user: string;
  readonly atMs: number;
  readonly page?: string;
}

/** Runs a job of its own over clicks. Answers its warnings by code, and how it ended. */
async function run(name: string, job: string, clicks: readonly Click[], ...args: string[]) {
  writeFileSync(join(folder, `${name}.ts`), job);
  writeFileSync(
    join(folder, `${name}.jsonl`),
    clicks.map((click) => JSON.stringify(click)).join("\n"),
  );
  const words = [
    "dev",
    `${name}.ts`,
    "--json",
    "--shards",
    "1",
    "--input",
    `clicks=${name}.jsonl`,
    ...args,
  ];
  const end = await millraceHere(folder, words);
  return { ...end, warnings: warningsIn(end.stdout) };
}

function warningsIn(stdout: string): Readonly<Record<string, readonly unknown[]>> {
  const warnings = jsonLines(stdout).filter(({ kind }) => kind === "warning");
  const byCode = Map.groupBy(warnings, ({ code }) => String(code));
  return Object.fromEntries(
    [...byCode].map(([code, all]) => [code, all.map(({ message }) => message)]),
  );
}

const seconds = (count: number, startMs = Date.UTC(2026, 0)) =>
  Array.from({ length: count }, (_, at) => startMs + at * 1_000);

describe("millrace dev warns", () => {
  test("of nothing where all is well", async () => {
    const { exitCode, warnings } = await run(
      "well",
      clicksJob,
      seconds(50).map((atMs) => ({ user: "u", atMs })),
    );
    expect({ exitCode, warnings }).toEqual({ exitCode: 0, warnings: {} });
  });

  test("of event times that hardly can be, with their likely unit", async () => {
    const inSeconds = seconds(30).map((atMs) => ({ user: "u", atMs: atMs / 1_000 }));
    const { warnings } = await run("unit", clicksJob, inSeconds);
    expect(warnings).toEqual({
      "event-times-unlikely": [
        expect.stringMatching(/likelyUnit seconds.*milliseconds since 1970/) as string,
      ],
    });
  });

  test("of rows that overwrite each other although their keys differ", async () => {
    const job = clicksJob
      .replace("keyBy((click) => click.user)", 'keyBy(["user", "page"])')
      .replace(
        "(n, { key, window }) => ({ user: key, startMs: window.startMs, n })",
        "(n, { key: [user, page], window }) => ({ user, page, startMs: window.startMs, n })",
      );
    const clicks = seconds(40).map((atMs, at) => ({ user: "u", page: `p${at % 3}`, atMs }));
    const { warnings } = await run("overwritten", job, clicks);
    expect(warnings).toEqual({
      "rows-overwritten": [
        expect.stringMatching(
          /table "counts".*sink "counts" lacks page.*"user", "startMs", "page"/,
        ) as string,
      ],
    });
    const one = clicks.map((click) => ({ ...click, page: "p" }));
    expect((await run("one-page", job, one)).warnings).toEqual({});
  });

  test("of a shard without elements that holds the watermark, and of nothing that comes", async () => {
    writeFileSync(join(folder, "silent.ts"), clicksJob);
    const silent = millrace(
      folder,
      ["dev", "silent.ts", "--json", "--no-end", "--input", "clicks=-", "--key", "clicks=user"],
      '{"user":"u","atMs":1767225600000}\n',
    );
    const nothing = millrace(folder, ["dev", "silent.ts", "--json"]);
    await silent.until((stdout) => stdout.includes("silent-shard"));
    await nothing.until((stdout) => stdout.includes("nothing-comes"));
    for (const command of [silent, nothing]) command.kill("SIGINT");
    expect(warningsIn((await silent.end).stdout)).toEqual({
      "silent-shard": [
        expect.stringMatching(
          /clicks\/shardId-00000000000\d yet.*idleAfter: \{ minutes: 1 \}/,
        ) as string,
      ],
    });
    expect(warningsIn((await nothing.end).stdout)).toEqual({
      "nothing-comes": [
        expect.stringMatching(
          /the job reads clicks, and no --input feeds it.*--input clicks=<file>/,
        ) as string,
      ],
    });
  });
});

describe("a run in which every record fails", () => {
  const failing = clicksJob.replace("click.user)", "click.nobody.name)");
  const clicks = seconds(60).map((atMs) => ({ user: "u", atMs }));

  test("is ended with the first failure", async () => {
    const { exitCode, stderr } = await run("failing", failing, clicks);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /Each of the first \d+ records failed.*in keyBy \(defined at [^)]*failing.ts:\d+:\d+\):\n    TypeError: .*reading 'name'\)\n    at [^ ]*failing.ts:10:\d+\n.*every-record-fails/s,
    );
  });

  test("goes on where dead letters are no failure", async () => {
    const { exitCode } = await run("allowed", failing, clicks, "--allow-dead-letters");
    expect(exitCode).toBe(0);
  });
});
