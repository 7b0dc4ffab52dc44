import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
    expect(await proposed("st")).toEqual(["status", "state", "stop"]);
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

/** What a shell is asked in a process of its own, with the command on its path. */
function ask(shell: string, args: readonly string[]): string {
  const PATH = `${folder}${delimiter}${process.env["PATH"]}`;
  const env = { ...process.env, PATH, HOME: folder, XDG_CONFIG_HOME: folder };
  return execFileSync(shell, args, { env, cwd: folder, encoding: "utf8" });
}

const has = (shell: string): boolean =>
  process.env["PATH"]!.split(delimiter).some((path) => existsSync(join(path, shell)));

// `.ci/run` installs both where it may.
test.runIf(has("fish"))(
  "fish completes words with what they are, and files where there are none",
  async () => {
    const { stdout: script } = await millraceHere(folder, ["completion", "fish"]);
    const completed = (typed: string): readonly string[] =>
      ask("fish", ["--no-config", "--command", `${script}\ncomplete --do-complete '${typed}'`])
        .trimEnd()
        .split("\n");
    expect(completed("millrace sav")).toEqual([
      "savepoint\ttake savepoints, and look at, read, copy or delete them",
    ]);
    expect(completed("millrace stop --dr")).toEqual([expect.stringMatching(/^--drain\t/)]);
    expect(completed("millrace dev jo")).toEqual([expect.stringMatching(/^job\.ts/)]);
  },
);

test.runIf(has("zsh"))("zsh completes words, and files where there are none", async () => {
  const { stdout: script } = await millraceHere(folder, ["completion", "zsh"]);
  // Its completions are made for people at a keyboard: what they would be given is printed in their place.
  const completed = (...words: string[]): readonly string[] => {
    const typed = ["millrace", ...words].map((word) => `'${word}'`).join(" ");
    const lines = `compdef() { registered=("$@") }
_files() { print -r -- files }
_describe() { print -rl -- "\${(@P)2}" }
${script}
words=(${typed}); CURRENT=${words.length + 1}; _millrace; print -r -- "$registered"`;
    return ask("zsh", ["-f", "-c", lines]).trimEnd().split("\n");
  };
  const registered = "_millrace millrace";
  expect(completed("sav")).toEqual([
    "savepoint:take savepoints, and look at, read, copy or delete them",
    registered,
  ]);
  expect(completed("stop", "--dr")).toEqual([expect.stringMatching(/^--drain:/), registered]);
  expect(completed("dev", "")).toEqual(["files", registered]);
});

test("bash completes words and, where there are none, files, by the script that is printed", async () => {
  const { stdout: script } = await millraceHere(folder, ["completion", "bash"]);
  const completed = (...words: string[]): readonly string[] => {
    const typed = ["millrace", ...words].map((word) => `'${word}'`).join(" ");
    const lines = `${script}
COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _millrace; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p millrace`;
    return ask("bash", ["--norc", "-c", lines]).trim().split("\n");
  };
  const registered = "complete -o bashdefault -o default -F _millrace millrace";
  expect(completed("sav")).toEqual(["savepoint", registered]);
  expect(completed("stop", "--dr")).toEqual(["--drain", registered]);
  expect(completed("dev", "")).toEqual([registered]);
});
