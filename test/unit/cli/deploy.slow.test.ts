import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { patienceMs } from "../../patience.ts";
import { root } from "../tidy/sources.ts";
import { type CdkProject, cdkProject } from "./cdk-project.ts";
import { millrace } from "./command.ts";
import { type StacksServer, stacksServer } from "./stacks-server.ts";
import { testAccount } from "./test-account.ts";

let project: CdkProject;
let stacks: StacksServer;
beforeAll(async () => void (stacks = await stacksServer()));
afterAll(() => stacks.close());
beforeEach(() => void (project = cdkProject()));
afterEach(() => project.remove());

test("millrace deploy shares no assembly with another deployment of this moment, of the same app or of another", async () => {
  writeFileSync(join(project.folder, "other.ts"), readFileSync(join(project.folder, "app.ts")));
  const atOnce = ["Test", "Live", "Other"].map(
    (stack) =>
      millrace(
        project.folder,
        ["deploy", stack === "Other" ? "other.ts" : "app.ts", "--outputs", `${stack}.json`],
        "",
        { ...testAccount(project, stacks), STACKS: stack, CDK_AT_ONCE: "3" },
      ).end,
  );
  for (const [at, { exitCode, stdout, stderr }] of (await Promise.all(atOnce)).entries()) {
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`stack ${["Test", "Live", "Other"][at]} in `);
  }
});

describe("a signal while the CDK works", () => {
  let child: ChildProcess;
  beforeEach(async () => {
    const env = { ...process.env, ...testAccount(project, stacks), CDK_WAITS: "1" };
    const args = [join(root, "cli/millrace.ts"), "deploy", "app.ts"];
    // A group of its own, as a terminal makes one for a command.
    child = spawn(process.execPath, args, { cwd: project.folder, env, detached: true });
    let printed = "";
    child.stdout!.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await vi.waitUntil(() => printed.includes("waiting"), { timeout: patienceMs });
  });
  afterEach(() => void child.kill("SIGKILL"));

  test("like Ctrl-C of a terminal reaches it once, and its exit code is the command's", async () => {
    process.kill(-child.pid!, "SIGINT");
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(9);
    expect(project.commands()).toEqual(["synth", "deploy", "SIGINT"]);
  });

  test("like SIGTERM is handed on to it", async () => {
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(9);
    expect(project.commands()).toEqual(["synth", "deploy", "SIGTERM"]);
  });
});
