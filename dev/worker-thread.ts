/** Entry of a worker thread: serves its part of a job's shards over a connection of its own, until it is told to stop. */
import { parentPort, workerData } from "node:worker_threads";
import { embeddedRuntime } from "../runtime/embedded/job-world.ts";
import { closeResources } from "../runtime/job/resources.ts";
import { durablePorts, type EmbeddedPorts } from "../runtime/embedded/ports.ts";
import { systemHeap } from "../runtime/node/system-heap.ts";
import { loadBundle } from "./load-bundle.ts";
import { toPlainError } from "./plain-error.ts";
import { reportingTelemetry, reportOfError, type RunReport } from "./run-report.ts";
import {
  stopMessage,
  threadsOf,
  type WorkerMessage,
  type WorkerThreadData,
} from "./worker-messages.ts";
import { watchedTables } from "./watched-tables.ts";
import { startWorker } from "./worker.ts";

const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);
const report = (content: RunReport): void => tell({ type: "report", report: content });

const watched = (ports: EmbeddedPorts): EmbeddedPorts => ({
  ...ports,
  tables: watchedTables(ports.tables, (written) => tell({ type: "rows", written })),
});

let stopped = false;
parentPort?.on("message", (message: unknown) => {
  if (message === stopMessage) stopped = true;
});

async function serve(data: WorkerThreadData): Promise<void> {
  const { bundleFile, dir, index, count, environments, tuning, settings, tellsRows } = data;
  const loaded = await loadBundle(bundleFile);
  const ports = durablePorts(dir, {
    telemetry: reportingTelemetry(report),
    heap: systemHeap({ threads: threadsOf(count) }),
  });
  const job = embeddedRuntime(loaded, tellsRows ? watched(ports) : ports, settings);
  try {
    const { done } = startWorker({
      job,
      index,
      count,
      environments,
      tuning,
      isStopped: () => stopped,
      onError: (thrown) => report(reportOfError(thrown)),
    });
    await done;
  } finally {
    await closeResources(job);
    ports.close();
  }
}

try {
  await serve(workerData as WorkerThreadData);
  tell({ type: "stopped" });
} catch (thrown) {
  tell({ type: "failed", error: toPlainError(thrown) });
}
