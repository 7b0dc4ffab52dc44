// It starts its process in the folder in which it was loaded, whenever that is: not in that of a command, which is gone by then.
import "esbuild";
import { runCommand } from "../../../cli/run-command.ts";
import type { CommandEnd } from "./command.ts";

let isRunning = false;

/**
 * Runs the `millrace` command in this process, with a folder and variables of its own: all that it does but for being a process, which
 * starts in the time of ten such commands. What it prints is kept; what processes print that it starts is not. One at a time.
 */
export async function millraceHere(
  cwd: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<CommandEnd> {
  if (isRunning) throw new Error("Another command runs in this process: its folder is not yours.");
  isRunning = true;
  const folder = process.cwd();
  const environment = { ...process.env };
  const [stdout, stderr] = [keepWrites(process.stdout), keepWrites(process.stderr)];
  process.chdir(cwd);
  Object.assign(process.env, variables);
  try {
    const exitCode = await runCommand(args);
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    for (const output of [stdout, stderr]) output.release();
    process.chdir(folder);
    for (const name of Object.keys(variables))
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    isRunning = false;
  }
}

/** Keeps what is written to an output, until it is released. */
function keepWrites(output: NodeJS.WriteStream) {
  const write = output.write;
  let text = "";
  output.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    for (const written of rest) if (typeof written === "function") (written as () => void)();
    return true;
  };
  return { text: () => text, release: () => void (output.write = write) };
}
