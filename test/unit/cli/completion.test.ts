import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../tidy/sources.ts";
import { millraceHere } from "./command-here.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-completion-"));
  writeFileSync(join(folder, "job.ts"), "");
  const program = join(folder, "millrace");
  const file = join(root, "cli/millrace.ts");
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${file}' "$@"\n`);
  chmodSync(program, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function proposed(...words: string[]): Promise<readonly string[]> {
  const { stdout, exitCode } = await millraceHere(folder, ["__propose", ...words]);
  expect(exitCode).toBe(0);
  return stdout.split("\n").flatMap((line) => line.split("\t")[0] || []);
}

describe("what is proposed", () => {
  test("are commands, and those of a group", async () => {
    expect(await proposed("st")).toEqual(["status", "stop"]);
    expect(await proposed("savepoint", "")).toEqual([
      "take",
      "list",
      "describe",
      "delete",
      "read",
      "copy",
    ]);
  });

  test("are a command's options that are not there yet", async () => {
    expect(await proposed("explain", "job.ts", "--")).toEqual(["--json", "--mermaid", "--help"]);
    expect(await proposed("explain", "job.ts", "--json", "--")).toEqual(["--mermaid", "--help"]);
  });

  test("are the words that an option takes, where they are known", async () => {
    expect(await proposed("logs", "--function", "")).toEqual(["process", "coordinator"]);
    expect(await proposed("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  test("is nothing where a file is meant, or what stands before is not understood", async () => {
    expect(await proposed("dev", "")).toEqual([]);
    expect(await proposed("rows", "--dir", "")).toEqual([]);
    expect(await proposed("frobnicate", "")).toEqual([]);
  });
});

test("bash completes words and, where there are none, files, by the script that is printed", async () => {
  const { stdout: script } = await millraceHere(folder, ["completion", "bash"]);
  const completed = (...words: string[]): readonly string[] => {
    const typed = ["millrace", ...words].map((word) => `'${word}'`).join(" ");
    const lines = `${script}
COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _millrace; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p millrace`;
    const PATH = `${folder}${delimiter}${process.env["PATH"]}`;
    const env = { ...process.env, PATH };
    return execFileSync("bash", ["--norc", "-c", lines], { env, encoding: "utf8" })
      .trim()
      .split("\n");
  };
  const registered = "complete -o bashdefault -o default -F _millrace millrace";
  expect(completed("sav")).toEqual(["savepoint", registered]);
  expect(completed("stop", "--dr")).toEqual(["--drain", registered]);
  expect(completed("dev", "")).toEqual([registered]);
});
