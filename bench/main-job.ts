import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleJob } from "../bundle/index.ts";
import { buildPlan, createStreams, durablePorts } from "../dev/index.ts";
import { feedFlights } from "../examples/flight-delays/feed.ts";
import job from "../examples/flight-delays/job.ts";
import { median } from "./median.ts";

export interface MainJobFigure {
  readonly workers: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly eventsPerCpuSecond: number;
  readonly peakMemoryMiB: number;
}

interface Measured {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

const child = fileURLToPath(new URL("main-job-child.ts", import.meta.url));
const entry = fileURLToPath(new URL("../examples/flight-delays/job.ts", import.meta.url));

/** The main example over one stream that was fed before, with each number of workers in turn; medians over the rounds. */
export async function benchMainJob(
  events: number,
  workerCounts: readonly number[],
  rounds: number,
): Promise<readonly MainJobFigure[]> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  try {
    const bundle = bundleJob({ entry, kind: "embedded", outfile: join(folder, "job.mjs") }).file;
    const fed = join(folder, "fed");
    await feed(fed, events);
    const measured = new Map<number, Measured[]>(workerCounts.map((workers) => [workers, []]));
    for (let round = 0; round < rounds; round++) {
      for (const workers of workerCounts) {
        const dir = join(folder, "run");
        cpSync(fed, dir, { recursive: true });
        const printed = execFileSync(process.execPath, [child, bundle, dir, String(workers)], {
          encoding: "utf8",
        });
        measured.get(workers)?.push(JSON.parse(printed) as Measured);
        rmSync(dir, { recursive: true, force: true });
      }
    }
    return [...measured].map(([workers, runs]) => ({
      workers,
      events,
      eventsPerSecond: Math.round(events / median(runs.map(({ wallSeconds }) => wallSeconds))),
      eventsPerCpuSecond: Math.round(events / median(runs.map(({ cpuSeconds }) => cpuSeconds))),
      peakMemoryMiB: Math.round(median(runs.map(({ peakBytes }) => peakBytes)) / 1_048_576),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A folder with a flight stream that is fed and ended. */
async function feed(dir: string, events: number): Promise<void> {
  const ports = durablePorts(dir);
  await createStreams(buildPlan(job.graph), ports, { source: 2, exchange: 2 });
  await feedFlights({ writer: ports.writer, stream: "flights", count: events });
  await ports.admin.endStream("flights");
  ports.close();
}
