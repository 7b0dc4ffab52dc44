import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface KilledProcess {
  /** Resolves once it is over: with its exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
  readonly isOver: () => boolean;
  /** What it has written to standard output and to standard error. */
  readonly said: () => string;
  readonly errors: () => string;
  /** `kill -9`; answers what ended it: it may have been over before. */
  readonly kill: () => Promise<number | NodeJS.Signals>;
}

/** Starts a TypeScript file of this folder as a process of its own. */
export function startProcess(
  file: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): KilledProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
    // Through the channel it learns that nobody is left who would kill it.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...variables },
  });
  let said = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const exit = once(child, "exit").then(
    ([code, signal]) => (code ?? signal) as number | NodeJS.Signals,
  );
  return {
    exit,
    isOver: () => child.exitCode !== null || child.signalCode !== null,
    said: () => said,
    errors: () => errors,
    kill: async () => {
      child.kill("SIGKILL");
      return await exit;
    },
  };
}
