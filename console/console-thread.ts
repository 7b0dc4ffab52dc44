/** Entry of the thread that serves the console beside a job: over a connection of its own, so that the job's thread has no part in it. */
import { parentPort, workerData } from "node:worker_threads";
import { toPlainError } from "../dev/plain-error.ts";
import type { ConsoleThreadData, ConsoleThreadMessage } from "./start-console.ts";
import { serveFolder } from "./serve-folder.ts";

const tell = (message: ConsoleThreadMessage): void => parentPort?.postMessage(message);

try {
  const served = await serveFolder(workerData as ConsoleThreadData);
  parentPort?.once("message", () => {
    void served.close().finally(() => parentPort?.close());
  });
  tell({ type: "serving", url: served.url });
} catch (thrown) {
  tell({ type: "failed", error: toPlainError(thrown) });
}
