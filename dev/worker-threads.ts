import { Worker } from "node:worker_threads";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import { fromPlainError } from "./plain-error.ts";
import type { SlotWorkers } from "./run-embedded.ts";
import type { RunReport } from "./run-report.ts";
import { untilAllEnd } from "./until-all-end.ts";
import type { WrittenRows } from "./watched-tables.ts";
import { stopMessage, type WorkerMessage, type WorkerThreadData } from "./worker-messages.ts";

export interface WorkerThreadsOptions extends Omit<WorkerThreadData, "index" | "tellsRows"> {
  /** Told of failed batches and alarms of all threads. Default: dropped. */
  readonly onReport?: (report: RunReport) => void;
  /** Told of rows that any thread writes. Default: they are not told of. */
  readonly onRows?: (written: WrittenRows) => void;
}

type Listeners = Pick<WorkerThreadsOptions, "onReport" | "onRows">;

/**
 * Serves a job's slots in `count` worker threads. `done` rejects with the first thread's error, after all threads are over: a
 * thread that dies takes the others with it, in an orderly way.
 */
export function startWorkerThreads(options: WorkerThreadsOptions): SlotWorkers {
  const { onReport, onRows, ...data } = options;
  const tellsRows = onRows !== undefined;
  const threads = Array.from({ length: data.count }, (_, index) =>
    startThread(
      { ...data, index, tellsRows },
      { ...(onReport && { onReport }), ...(onRows && { onRows }) },
    ),
  );
  const stop = (): void => {
    for (const { worker } of threads) worker.postMessage(stopMessage);
  };
  const stopOthers = (thrown: unknown): never => {
    stop();
    throw thrown;
  };
  return { done: untilAllEnd(threads.map(({ end }) => end.catch(stopOthers))), stop };
}

interface Thread {
  readonly worker: Worker;
  /** Resolves when the thread is over because it was told to stop. */
  readonly end: Promise<void>;
}

/** The neighbour of this file, in TypeScript and when it was compiled. */
const threadFile = new URL(import.meta.url.replace("worker-threads.", "worker-thread."));

/** Node refuses to start a thread with sizes of the heap and the stack, as in `node --max-old-space-size=4096`: they hold for the process, threads included. */
export function optionsOfThread(execArgv: readonly string[]): readonly string[] {
  return execArgv.filter((option) => !/^--(?:max|min|initial|stack)[-_].*size\b/.test(option));
}

function startThread(data: WorkerThreadData, { onReport, onRows }: Listeners): Thread {
  const worker = new Worker(threadFile, {
    workerData: data,
    name: `millrace-${data.index}`,
    // What the job's code prints there must not come between the lines of whoever reads standard output.
    stdout: true,
    // Node calls SQLite experimental, in each thread anew.
    execArgv: [...optionsOfThread(process.execArgv), "--disable-warning=ExperimentalWarning"],
  });
  worker.stdout.pipe(process.stderr, { end: false });
  let last: WorkerMessage | undefined;
  worker.on("message", (message: WorkerMessage) => {
    if (message.type === "report") return onReport?.(message.report);
    if (message.type === "rows") return onRows?.(message.written);
    last = message;
    // Timers and sockets of the job would keep the thread alive.
    void worker.terminate();
  });
  const end = new Promise<void>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", (exitCode) => {
      if (last?.type === "stopped") resolve();
      else if (last?.type === "failed") reject(fromPlainError(last.error));
      else reject(workerEnded(data, exitCode));
    });
  });
  return { worker, end };
}

const workerEnded = ({ index, count }: WorkerThreadData, exitCode: number): Error =>
  deploymentError("worker-ended", {
    message: `Worker thread ${index + 1} of ${count} ended by itself (exit code ${exitCode}).`,
    next: "Look for process.exit in the job's code. The run can be resumed with the same --dir.",
  });
