import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { root } from "../unit/tidy/sources.ts";

const run = promisify(execFile);
const command = join(root, "cli/millrace.ts");
const outputs = ["--outputs", ".millrace/outputs.local.json"];
/** The first use installs and compiles what stands for AWS. */
const patienceMs = 600_000;

let folder: string;
let project: string;
let deployment: ChildProcess;
let printed = "";

const millrace = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, [command, ...args], { cwd: project })).stdout;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-first-hour-"));
  project = join(folder, "shop");
  await run(process.execPath, [command, "init", project]);
  for (const name of ["millrace", "aws-cdk-lib", "constructs", "zod"]) {
    const link = join(project, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(name === "millrace" ? root : join(root, "node_modules", name), link);
  }
  deployment = spawn(
    process.execPath,
    [command, "deploy", "--local", "app.ts", "--poll-ms", "200", "--logs", join(folder, "logs")],
    { cwd: project },
  );
  for (const stream of [deployment.stdout!, deployment.stderr!])
    stream.on("data", (chunk: Buffer) => void (printed += chunk.toString()));
  await vi.waitUntil(() => printed.includes("Ctrl-C stops everything"), {
    timeout: patienceMs,
    interval: 200,
  });
}, patienceMs);
afterAll(() => {
  deployment.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

test(
  "a project that was just written is deployed here, fed, looked at and asked for its rows",
  async () => {
    expect(await millrace("rows", "turnover", ...outputs)).toContain("no rows");
    await millrace("put", "orders", "orders.jsonl", "--key", "customer", ...outputs);
    await vi.waitUntil(
      async () => (await millrace("query", "turnover", "--count", ...outputs)).trim() !== "0",
      { timeout: patienceMs, interval: 1_000 },
    );
    const rows = await millrace("rows", "turnover", "--order-by", "startMs", ...outputs);
    // A deployed table tells its attributes in an order of its own.
    const [headline = "", ...lines] = rows.trimEnd().split("\n");
    expect(headline.trim().split(/ +/).toSorted()).toEqual([
      "cents",
      "customer",
      "orders",
      "startMs",
    ]);
    expect(lines.filter((line) => /\b1760000\d+\b/.test(line)).length).toBeGreaterThan(3);
    expect(await millrace("status", ...outputs)).toContain("job shop: running");
    deployment.kill("SIGINT");
    const [code] = (await once(deployment, "exit")) as [number];
    expect(code).toBe(0);
  },
  patienceMs,
);
