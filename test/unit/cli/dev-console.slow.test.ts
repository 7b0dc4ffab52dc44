import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeClicks } from "./clicks.ts";
import { jsonLines, millrace } from "./command.ts";
import { millraceHere } from "./command-here.ts";

let folder: string;
const records = 200;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  writeClicks(folder, records);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const input = ["--input", "clicks=clicks.jsonl"];

async function answerOf<Answer>(url: string): Promise<Answer> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

test.each(["1", "2"])(
  "with %s workers a run tells where its API is, which goes with it",
  async (workers) => {
    const dir = `run-${workers}`;
    const args = ["job.ts", "--dir", dir, "--workers", workers, "--port", "0", "--no-end"];
    const running = millrace(folder, ["dev", ...args, ...input, "--json"]);
    const text = await running.until(
      (stdout) => /"type":"console"/.test(stdout) && stdout.includes(`"records":${records}`),
    );
    const lines = jsonLines(text.slice(0, text.lastIndexOf("\n") + 1));
    const url = String(lines.find(({ type }) => type === "console")!["url"]);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const jobs = await answerOf<{ readonly jobs: readonly object[] }>(`${url}jobs`);
    expect(jobs.jobs).toEqual([
      expect.objectContaining({ job: "clicks", state: "running", records }),
    ]);
    const plan = await answerOf<{ readonly stages: readonly object[] }>(`${url}jobs/clicks/plan`);
    expect(plan.stages.length).toBeGreaterThan(1);
    running.kill("SIGINT");
    expect((await running.end).exitCode).toBe(130);
    await expect(fetch(url)).rejects.toThrow();
  },
);

test("a folder whose job does not run is served too, with its history", async () => {
  const args = ["job.ts", "--dir", "over", "--no-console", ...input];
  expect((await millraceHere(folder, ["dev", ...args])).exitCode).toBe(0);
  const serving = millrace(folder, ["console", "--dir", "over"]);
  const text = await serving.until((stdout) => /console: http:.*\n/.test(stdout));
  const [, url] = /console: (http:\S+)/.exec(text)!;
  const { state } = await answerOf<{ readonly state: string }>(`${url}jobs/clicks`);
  expect(state).toBe("finished");
  const { events } = await answerOf<{ readonly events: readonly { readonly kind: string }[] }>(
    `${url}jobs/clicks/events`,
  );
  const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== "warning");
  expect(kinds).toEqual(["ended", "started", "deployed"]);
  serving.kill("SIGINT");
  expect((await serving.end).exitCode).toBe(0);
});

test("a port that is taken ends the run, and says so", async () => {
  const serving = millrace(folder, ["console", "--dir", "over"]);
  const text = await serving.until((stdout) => /console: http:.*\n/.test(stdout));
  const [, port] = /console: http:\S+:(\d+)\//.exec(text)!;
  const args = ["job.ts", "--dir", "taken", "--port", port!, "--no-end", ...input];
  const run = await millraceHere(folder, ["dev", ...args]);
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toMatch(/port \d+ .*port-in-use/s);
  // Nor is a run silent that would be over before.
  const short = await millraceHere(folder, ["dev", "job.ts", "--port", port!, ...input]);
  expect(short.stderr).toMatch(/port-in-use/);
  expect(short.exitCode).toBe(1);
  const both = await millraceHere(folder, ["dev", "job.ts", "--port", "0", "--no-console"]);
  expect(both.exitCode).toBe(2);
  serving.kill("SIGINT");
  await serving.end;
});
