import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { deploymentError } from "../../runtime/errors/millrace-error.ts";

/** A server in a process of its own, on 127.0.0.1. */
export interface ChildServer {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to its first answer. */
  readonly startupMs: number;
  /** Kills the process, and resolves when it is gone: all that it keeps is in memory. */
  stop(): Promise<void>;
}

export interface ChildServerOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly port: number;
  /** It has children of its own, which it kills once its input has ended. Default: it is killed itself. */
  readonly endsWithInput?: boolean;
}

const startTimeoutMs = 240_000;
const endTimeoutMs = 10_000;
const askAgainMs = 50;

/**
 * Starts a server and waits for its first answer. Its standard input stays open as long as this process lives; the launchers
 * end when it closes.
 * @throws deployment error `emulator-not-started`
 */
export async function startChildServer(options: ChildServerOptions): Promise<ChildServer> {
  const { name, command, args, port } = options;
  const startedMs = performance.now();
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = outputOf(child);
  const url = `http://127.0.0.1:${port}`;
  const failure = await untilAnswers(child, url);
  let isStopped = false;
  const stop = (): Promise<void> => {
    isStopped = true;
    return options.endsWithInput === true ? ended(child) : killed(child);
  };
  if (failure !== undefined) {
    await stop();
    throw deploymentError("emulator-not-started", {
      message: `${name} did not start: ${failure}. It printed: ${output() || "nothing"}`,
      next: "Look at what it printed; the port may have been taken by another process.",
    });
  }
  child.once("exit", (code, signal) => {
    // Whoever asks it hears no more than that nobody listens.
    if (!isStopped)
      process.stderr.write(`${name} ended by itself (${signal ?? code}): ${output()}\n`);
  });
  return {
    name,
    url,
    pid: child.pid!,
    startupMs: Math.round(performance.now() - startedMs),
    stop,
  };
}

/** The end of what the process printed. */
function outputOf(child: ChildProcess): () => string {
  let printed = "";
  const keep = (chunk: Buffer): void => void (printed = (printed + chunk.toString()).slice(-2_000));
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  child.stdin?.on("error", () => {});
  child.on("error", (error) => keep(Buffer.from(error.message)));
  return () => printed.trim();
}

/** Any answer will do. Says what went wrong, if anything did. */
async function untilAnswers(child: ChildProcess, url: string): Promise<string | undefined> {
  const untilMs = performance.now() + startTimeoutMs;
  while (performance.now() < untilMs) {
    if (child.pid === undefined) return "its program could not be run";
    if (hasEnded(child)) return `its process ended (${child.signalCode ?? child.exitCode})`;
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined) return undefined;
    await wait(askAgainMs);
  }
  return `it did not answer within ${startTimeoutMs} ms`;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

/** Kills a process by its handle and waits until it is gone. */
export async function killed(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** Closes a process's input and waits until it is gone; one that stays is killed. */
async function ended(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const gone = once(child, "exit");
  child.stdin?.end();
  const patience = new AbortController();
  await Promise.race([
    gone,
    wait(endTimeoutMs, undefined, { signal: patience.signal }).catch(() => {}),
  ]);
  patience.abort();
  await killed(child);
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
