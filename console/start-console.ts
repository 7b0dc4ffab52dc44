import { Worker } from "node:worker_threads";
import { fromPlainError, type PlainError } from "../dev/plain-error.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";

/** What the thread is started with. */
export interface ConsoleThreadData {
  readonly dir: string;
  readonly port: number;
  /** Origins whose pages may embed views. */
  readonly origins: readonly string[];
}

/** What the thread tells, once. */
export type ConsoleThreadMessage =
  | { readonly type: "serving"; readonly url: string }
  | { readonly type: "failed"; readonly error: PlainError };

export interface StartedConsole {
  /** Its address, once it is served. @throws MillraceError `port-in-use` */
  readonly url: Promise<string>;
  /** Closes it, and what it has open in the folder; one that is not served yet never is. */
  readonly close: () => Promise<void>;
}

/** The neighbour of this file, in TypeScript and when it was compiled. */
const threadFile = new URL(import.meta.url.replace("start-console.", "console-thread."));

/** Serves a folder's jobs in a thread of its own, which keeps no process alive. */
export function startConsole(data: ConsoleThreadData): StartedConsole {
  const worker = new Worker(threadFile, {
    workerData: data,
    name: "millrace-console",
    execArgv: [...process.execArgv, "--disable-warning=ExperimentalWarning"],
  });
  let isServed = false;
  const ended = new Promise<number>((resolve) => worker.once("exit", resolve));
  const url = new Promise<string>((resolve, reject) => {
    worker.once("message", (message: ConsoleThreadMessage) => {
      isServed = message.type === "serving";
      worker.unref();
      if (message.type === "serving") resolve(message.url);
      else reject(fromPlainError(message.error));
    });
    worker.once("error", reject);
    worker.once("exit", (exitCode) => reject(threadEnded(exitCode)));
  });
  return {
    url,
    close: async () => {
      worker.ref();
      if (isServed) worker.postMessage("close");
      else await worker.terminate();
      await ended;
    },
  };
}

const threadEnded = (exitCode: number): Error =>
  deploymentError("worker-ended", {
    message: `The thread that serves the console ended by itself (exit code ${exitCode}).`,
    next: "Leave the console out with --no-console.",
  });
