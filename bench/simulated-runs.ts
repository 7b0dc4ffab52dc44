import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { bundleSimulator } from "../test/simulation/bundle-simulator.ts";
import type { RangeMessage } from "../test/simulation/simulate-worker.ts";

/** Shapes whose runs take unlike ways through the engine: none keyed, windows, timers, two inputs, files. */
const shapes = ["stateless", "tumbling", "session", "timers", "connect", "files"];

export interface SimulatedRuns {
  /** Runs of the simulator per CPU-second, of one seed of each shape. */
  readonly measure: (seed: number) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** A checkout's simulator on a thread that stays warm. */
export async function simulatedRuns(checkout: string): Promise<SimulatedRuns> {
  const simulation = join(checkout, "test", "simulation");
  const { bundleSimulator: bundle } = (await import(
    pathToFileURL(join(simulation, "bundle-simulator.ts")).href
  )) as { readonly bundleSimulator: typeof bundleSimulator };
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const file = join(folder, "simulate-worker.mjs");
  await bundle({ entry: "simulate-worker.ts", outfile: file });
  const worker = new Worker(file, { resourceLimits: { maxYoungGenerationSizeMb: 384 } });
  return {
    async measure(seed) {
      const before = process.cpuUsage();
      worker.postMessage({ shapes, first: seed, count: 1 });
      const [{ distribution }] = (await once(worker, "message")) as [RangeMessage];
      const used = process.cpuUsage(before);
      return distribution.runs / ((used.user + used.system) / 1e6);
    },
    async close() {
      await worker.terminate();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
