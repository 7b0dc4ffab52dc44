import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { root } from "../unit/tidy/sources.ts";

let folder: string;
let child: ChildProcess;
let printed: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-command-"));
  printed = "";
  const app = join(root, "examples/flight-delays/app.ts");
  const args = ["deploy", "--local", app, "--poll-ms", "200", "--logs", folder];
  child = spawn(process.execPath, [join(root, "cli/millrace.ts"), ...args]);
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (chunk: Buffer) => void (printed += chunk.toString()));
  await vi.waitUntil(() => printed.includes("Ctrl-C stops everything"), {
    timeout: 600_000,
    interval: 100,
  });
}, 600_000);
afterEach(() => {
  child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const endpoints = (): readonly string[] => [
  ...new Set([...printed.matchAll(/AWS_ENDPOINT_URL_\w+=(\S+)/g)].map(([, url]) => url!)),
];

async function expectNothingAnswers(): Promise<void> {
  for (const url of endpoints()) await expect(fetch(url), url).rejects.toThrow("fetch failed");
}

test("says what runs where, and stops all of it with one SIGINT", async () => {
  expect(printed).toContain("AWS::Kinesis::Stream   FlightDelays-PipelineStreamsflights");
  expect(printed).toMatch(/AWS::S3::Bucket +flightdelays-\S+, created by CloudFormation/);
  expect(printed).toMatch(/export AWS_ENDPOINT_URL_LAMBDA=http:\/\/127\.0\.0\.1:\d+/);
  expect(endpoints()).toHaveLength(4);
  for (const url of endpoints()) expect((await fetch(url)).status).toBeGreaterThan(0);
  child.kill("SIGINT");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
  expect(printed).toMatch(/FlightDelays-PipelineCoordinator\S+: \d+ invocations/);
  await expectNothingAnswers();
});

test("leaves nothing running where it is killed itself", async () => {
  child.kill("SIGKILL");
  await once(child, "exit");
  await vi.waitFor(expectNothingAnswers, { timeout: 10_000, interval: 200 });
});
