import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { statusLines } from "../../../cli/status-text.ts";
import { publishGeneration, type Generation } from "../../../runtime/job/generation.ts";
import { toControlValue } from "../../../runtime/serde/control-value.ts";
import { slotRows } from "../../../runtime/layout/names.ts";
import { durablePorts, memoryPorts } from "../../../runtime/embedded/ports.ts";
import { jobStatus } from "../../../runtime/observe/job-status.ts";
import { writeClicks } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace } from "./command.ts";

let folder: string;
const records = 400;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  writeClicks(folder, records);
  const input = ["--input", "clicks=clicks.jsonl", "--no-end", "--json"];
  const running = millrace(folder, ["dev", "job.ts", "--dir", "run", "--shards", "2", ...input]);
  await running.until((text) =>
    jsonLines(text.slice(0, text.lastIndexOf("\n") + 1)).some(
      (line) => line["records"] === records,
    ),
  );
  await run(["savepoint", "take", "--id", "one"]);
  status = jsonLines((await run(["status", "--json"])).stdout)[0] ?? {};
  text = (await run(["status"])).stdout;
  await run(["stop", "--id", "two"]);
  await running.end;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let status: Readonly<Record<string, unknown>>;
let text: string;

const run = (args: readonly string[]) => millraceHere(folder, [...args, "--dir", "run"]);

test("status says which slot's batch keeps failing, how often, and in what", async () => {
  const ports = memoryPorts();
  const generation: Generation = {
    generation: 1,
    plan: "p",
    ringSize: 64,
    publishedMs: 0,
    slots: [],
    ended: false,
  };
  await publishGeneration(ports, "shop", { after: undefined, generation });
  const againAtMs = ports.clock.nowMs() + 1_000;
  const memory = { element: "7/0", attempts: { a: 3 }, trying: "totals TypeError", againAtMs };
  const row = {
    partition: slotRows.retries("shop", 1),
    sort: "orders/0",
    rank: 1,
    value: toControlValue(memory),
  };
  await ports.control.put(row, { kind: "always" });
  expect(statusLines(await jobStatus(ports, "shop"))).toContain(
    `  slot orders/0: its batch has failed 3 times, in totals TypeError, and is tried again at ${new Date(againAtMs).toISOString()}`,
  );
});

test("status of a job that runs has its generation, checkpoints, slots and watermarks", () => {
  expect(status).toMatchObject({
    type: "status",
    job: "clicks",
    state: "running",
    generation: 1,
    plan: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    epochs: { completed: 1, failedInARow: 0 },
    records,
    deadLetters: 0,
    lateElements: {},
    stateBytes: expect.any(Number) as number,
    ringUsedPercent: expect.any(Number) as number,
    watermarkLagMs: expect.any(Number) as number,
  });
  const slots = status["slots"] as readonly Readonly<Record<string, unknown>>[];
  const ofSource = slots.filter(({ slot }) => String(slot).startsWith("clicks/"));
  expect(ofSource).toHaveLength(2);
  expect(ofSource.reduce((sum, slot) => sum + Number(slot["records"]), 0)).toBe(records);
  // The slower of the source's two slots decides, and which record was its last is up to the keys.
  const newestMs = (records - 1) * 20 - 1_001;
  const watermarksMs = Object.values(status["watermarksMs"] as Readonly<Record<string, number>>);
  expect(Object.keys(status["watermarksMs"] as object)).toHaveLength(2);
  for (const ms of watermarksMs) expect(ms > newestMs / 2 && ms <= newestMs, `${ms}`).toBe(true);
});

test("status is readable too", () => {
  expect(text).toMatch(/^job clicks: running, generation 1, plan [0-9a-f]{16}, since 20/);
  expect(text).toMatch(/checkpoints: newest complete 1\n/);
  expect(text).toMatch(/late elements: none\n/);
  expect(text).toMatch(/400 records, state .* B, dead letters 0, fullest log \d+ %/);
  expect(text).toMatch(/\n +slot +version +records +state +log +dead +watermark +quiet for\n/);
});

test("in a terminal of 60 columns each slot has its dead letters and its watermark", async () => {
  const ports = durablePorts(join(folder, "run"));
  try {
    const lines = statusLines(await jobStatus(ports, "clicks"), 60);
    const at = lines.findIndex((line) => /^ +slot /.test(line));
    expect(lines[at]).toMatch(/ dead +watermark/);
    expect(lines.slice(at).length).toBeGreaterThan(2);
    for (const line of lines.slice(at)) expect(line.length, line).toBeLessThanOrEqual(60);
    expect(lines.find((line) => line.includes("dead letters 0"))!.length).toBeLessThanOrEqual(60);
  } finally {
    ports.close();
  }
});

test("status of a job that was stopped says with what", async () => {
  const { stdout } = await run(["status"]);
  expect(stdout).toMatch(/^job clicks: stopped, generation 1, stopped with epoch 1\/2, plan/);
});

test("status of a job that is not there says so", async () => {
  const { exitCode, stderr } = await run(["status", "--job", "taps"]);
  expect(stderr).toMatch(/no job "taps".*there are clicks/);
  expect(exitCode).toBe(1);
});
