import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPlan, createStreams, durablePorts } from "../dev/index.ts";
import { feedFlights } from "../examples/flight-delays/feed.ts";
import job from "../examples/flight-delays/job.ts";

export interface MainJobFigure {
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly eventsPerCpuSecond: number;
  readonly peakMemoryMiB: number;
  readonly commits: number;
  readonly bytesPerCommit: number;
  /** Time in the log's append, per commit. */
  readonly commitMs: number;
  /** Time in puts and table writes, per commit. */
  readonly deliveryMs: number;
}

interface Measured {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly commits: number;
  readonly bodyBytes: number;
  readonly appendMs: number;
  readonly deliverMs: number;
}

const child = fileURLToPath(new URL("main-job-child.ts", import.meta.url));

/** The main example, one worker, on a stream that was fed before: a process of its own, so that its CPU and memory are its own. */
export async function measureMainJob(events: number): Promise<MainJobFigure> {
  const dir = await fedFolder(events);
  try {
    const printed = execFileSync(process.execPath, [child, dir], { encoding: "utf8" });
    const measured = JSON.parse(printed) as Measured;
    return {
      events,
      eventsPerSecond: Math.round(events / measured.wallSeconds),
      eventsPerCpuSecond: Math.round(events / measured.cpuSeconds),
      peakMemoryMiB: Math.round(measured.peakBytes / 1_048_576),
      commits: measured.commits,
      bytesPerCommit: Math.round(measured.bodyBytes / measured.commits),
      commitMs: measured.appendMs / measured.commits,
      deliveryMs: measured.deliverMs / measured.commits,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A folder with a flight stream that is fed and ended. */
export async function fedFolder(events: number): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const ports = durablePorts(dir);
  await createStreams(buildPlan(job.graph), ports, { source: 2, exchange: 2 });
  await feedFlights({ writer: ports.writer, stream: "flights", count: events });
  await ports.admin.endStream("flights");
  ports.close();
  return dir;
}
