import { type ChildProcess, spawn } from "node:child_process";
import { extname, join } from "node:path";
import type { DevGiven } from "./commands/dev.ts";
import { UsageError } from "./usage-error.ts";
import { interruptedExitCode, onStopSignals, stopMessage } from "./stop-signals.ts";

/** `millrace dev` with --watch or --inspect: the job runs in a process of its own, which can be begun anew, or waits for a debugger. Answers the exit code. */
export async function devApart(given: DevGiven): Promise<number> {
  if (!given.values.watch) {
    const run = startRun(given);
    const release = onStopSignals(run.stop);
    return await run.end.finally(release);
  }
  if (given.values.input.some(([, file]) => file === "-"))
    throw new UsageError("--watch and standard input exclude each other: it comes only once.");
  const { devWatch } = await import("./dev-watch.ts");
  return await devWatch(given);
}

/** A run of the job in a process of its own. */
export interface ApartRun {
  /** Its exit code. */
  readonly end: Promise<number>;
  /** After the batches under way. */
  readonly stop: () => void;
}

/** Runs the same command without what this one sees to. */
export function startRun({ values, args }: DevGiven): ApartRun {
  const { inspect, watch: _, ...others } = values;
  const waits = inspect === undefined ? [] : [`--inspect-wait=127.0.0.1:${inspect}`];
  const child = spawn(
    process.execPath,
    [...waits, commandFile, "dev", ...args, ...wordsOf(others)],
    { stdio: ["inherit", "inherit", "inherit", "ipc"] },
  );
  const kill = (): void => void child.kill("SIGINT");
  process.once("exit", kill);
  const tell = (): void => void (child.connected && child.send(stopMessage));
  return {
    end: endOf(child).finally(() => process.off("exit", kill)),
    // Who waits for a debugger takes no message.
    stop: inspect === undefined ? tell : kill,
  };
}

export interface WaitingCommand {
  readonly values: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
  /** Where the debugger is waited for. */
  readonly port: number;
}

/** Runs a command in a process of its own, which waits for a debugger first. Answers its exit code. */
export async function runWaiting(
  command: string,
  { values, args, port }: WaitingCommand,
): Promise<number> {
  const words = [`--inspect-wait=127.0.0.1:${port}`, commandFile, command, ...args];
  const child = spawn(process.execPath, [...words, ...wordsOf(values)], { stdio: "inherit" });
  const release = onStopSignals(() => void child.kill("SIGINT"));
  return await endOf(child).finally(release);
}

/** Runs another command of this package, and answers what it says. */
export async function runCommandApart(
  words: readonly string[],
): Promise<{ readonly exitCode: number; readonly text: string }> {
  const child = spawn(process.execPath, [commandFile, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const output of [child.stdout, child.stderr])
    output.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return { exitCode: await endOf(child), text };
}

/** In TypeScript and when it was compiled. */
const commandFile = join(import.meta.dirname, `millrace${extname(import.meta.filename)}`);

const failedExitCode = 1;

async function endOf(child: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) =>
      resolve(exitCode ?? (signal === "SIGINT" ? interruptedExitCode : failedExitCode)),
    );
  });
}

/** Options as they are typed. */
export function wordsOf(values: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    if (value === true) return [`--${name}`];
    if (!Array.isArray(value)) return [`--${name}`, String(value)];
    return value.flatMap((one: string | readonly string[]) => [
      `--${name}`,
      typeof one === "string" ? one : one.join("="),
    ]);
  });
}
