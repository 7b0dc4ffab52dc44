import { Worker } from "node:worker_threads";
import { fromPlainError, type PlainError } from "../dev/plain-error.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";

/** What the thread is started with. */
export interface ConsoleThreadData {
  readonly dir: string;
  readonly port: number;
}

/** What the thread tells, once. */
export type ConsoleThreadMessage =
  | { readonly type: "serving"; readonly url: string }
  | { readonly type: "failed"; readonly error: PlainError };

export interface StartedConsole {
  readonly url: string;
  /** Closes it, and what it has open in the folder. */
  readonly close: () => Promise<void>;
}

/** The neighbour of this file, in TypeScript and when it was compiled. */
const threadFile = new URL(import.meta.url.replace("start-console.", "console-thread."));

/**
 * Serves a folder's jobs in a thread of its own, which keeps no process alive.
 * @throws MillraceError `port-in-use`
 */
export async function startConsole(data: ConsoleThreadData): Promise<StartedConsole> {
  const worker = new Worker(threadFile, {
    workerData: data,
    name: "millrace-console",
    execArgv: [...process.execArgv, "--disable-warning=ExperimentalWarning"],
  });
  const ended = new Promise<number>((resolve) => worker.once("exit", resolve));
  const told = new Promise<ConsoleThreadMessage>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (exitCode) => reject(threadEnded(exitCode)));
  });
  const message = await told;
  if (message.type === "failed") {
    await worker.terminate();
    throw fromPlainError(message.error);
  }
  worker.unref();
  return {
    url: message.url,
    close: async () => {
      worker.ref();
      worker.postMessage("close");
      await ended;
    },
  };
}

const threadEnded = (exitCode: number): Error =>
  deploymentError("worker-ended", {
    message: `The thread that serves the console ended by itself (exit code ${exitCode}).`,
    next: "Leave the console out with --no-console.",
  });
