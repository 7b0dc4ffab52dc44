import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hasDocker } from "../../../localstack/emulators/compose.ts";
import { root } from "../tidy/sources.ts";
import { patienceMs } from "../../patience.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-docker-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A program "docker" that notes how it is called, and fails where its arguments match; "?" stands for a space. */
function dockerOnPath(failing = "nothing"): string {
  const program = join(folder, "docker");
  writeFileSync(
    program,
    `#!/bin/sh\necho "$*" >> "${folder}/calls"\ncase "$*" in ${failing}) exit 1;; esac\n`,
  );
  chmodSync(program, 0o755);
  return [folder, process.env["PATH"]].join(delimiter);
}

const calls = (): readonly string[] =>
  readFileSync(join(folder, "calls"), "utf8")
    .trim()
    .split("\n")
    .filter((call) => call !== "info" && call !== "compose version");

function runLocalstack(path: string): { child: ChildProcess; printed: () => string } {
  const child = spawn(process.execPath, [join(root, "localstack/main.ts")], {
    env: { ...process.env, PATH: path },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => void (text += chunk.toString()));
  return { child, printed: () => text };
}

const compose = `compose --file ${join(root, "localstack/compose.yaml")}`;

test("with a Docker engine the compose file is started, and taken away with Ctrl-C", async () => {
  const { child, printed } = runLocalstack(dockerOnPath());
  try {
    await vi.waitUntil(() => printed().includes("Ctrl-C stops it"), { timeout: patienceMs });
    expect(calls()).toEqual([`${compose} up --detach --wait`]);
    const [, file] = /source (\S+)/.exec(printed())!;
    expect(readFileSync(file!, "utf8")).toContain("export AWS_ENDPOINT_URL=http://127.0.0.1:4566");
    const ended = once(child, "exit");
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
    expect(calls().at(-1)).toBe(`${compose} down --volumes`);
  } finally {
    child.kill("SIGKILL");
  }
});

test("what Docker can't start is taken away, and the message says how to do without", async () => {
  const { child, printed } = runLocalstack(dockerOnPath("compose*up*"));
  const [code] = (await once(child, "exit")) as [number];
  expect(code).not.toBe(0);
  expect(printed()).toContain("npm run localstack -- --no-docker");
  expect(calls().at(-1)).toBe(`${compose} down --volumes`);
});

test("a program without an engine, or without compose, is no Docker", async () => {
  for (const failing of ["info", "compose?version"]) {
    vi.stubEnv("PATH", dockerOnPath(failing));
    expect(await hasDocker(), failing).toBe(false);
    vi.unstubAllEnvs();
  }
  vi.stubEnv("PATH", folder + "/nowhere");
  expect(await hasDocker()).toBe(false);
});
