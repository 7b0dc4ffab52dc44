import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPlan, createStreams, durablePorts } from "../dev/index.ts";
import { feedFlights } from "../examples/flight-delays/feed.ts";
import job from "../examples/flight-delays/job.ts";

export interface MainJobFigure {
  readonly workers: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly eventsPerCpuSecond: number;
  readonly peakMemoryMiB: number;
  readonly commits: number;
  readonly bytesPerCommit: number;
}

const child = fileURLToPath(new URL("main-job-child.ts", import.meta.url));

/** The main example on a stream that is fed before: a process of its own per run, so that its CPU and memory are its own. */
export async function measureMainJob(events: number, workers: number): Promise<MainJobFigure> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  try {
    const ports = durablePorts(dir);
    await createStreams(buildPlan(job.graph), ports, { source: 2, exchange: 2 });
    await feedFlights({ writer: ports.writer, stream: "flights", count: events });
    await ports.admin.endStream("flights");
    ports.close();
    const printed = execFileSync(process.execPath, [child, dir, String(workers)], {
      encoding: "utf8",
    });
    const measured = JSON.parse(printed.trim().split("\n").at(-1) ?? "{}") as {
      readonly wallSeconds: number;
      readonly cpuSeconds: number;
      readonly peakBytes: number;
      readonly commits: number;
      readonly bodyBytes: number;
    };
    return {
      workers,
      events,
      eventsPerSecond: Math.round(events / measured.wallSeconds),
      eventsPerCpuSecond: Math.round(events / measured.cpuSeconds),
      peakMemoryMiB: Math.round(measured.peakBytes / 1_048_576),
      commits: measured.commits,
      bytesPerCommit: Math.round(measured.bodyBytes / measured.commits),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
