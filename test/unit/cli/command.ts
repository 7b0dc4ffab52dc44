import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../tidy/sources.ts";

export interface CommandEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly end: Promise<CommandEnd>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves with standard output once it, or standard error, holds what is looked for, or when the command is over. */
  readonly until: (found: (stdout: string, stderr: string) => boolean) => Promise<string>;
}

/** Starts the `millrace` command in a process of its own; `input` is its standard input. */
export function millrace(
  cwd: string,
  args: readonly string[],
  input = "",
  variables: Readonly<Record<string, string>> = {},
): RunningCommand {
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, [join(root, "cli/millrace.ts"), ...args], { cwd, env });
  let stdout = "";
  let stderr = "";
  const end = new Promise<CommandEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => {}).end(input);
  return {
    end,
    kill: (signal) => void child.kill(signal),
    until: (found) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!found(stdout, stderr)) return;
          for (const output of outputs) output.off("data", look);
          resolve(stdout);
        };
        const outputs = [child.stdout, child.stderr];
        for (const output of outputs) output.on("data", look);
        void end.then(() => resolve(stdout));
        look();
      }),
  };
}

/** The objects that `--json` printed. */
export function jsonLines(stdout: string): readonly Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
