import {
  buildPlan,
  createStreams,
  durablePorts,
  embeddedRuntime,
  runEmbedded,
} from "../dev/index.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { feedFlights } from "../examples/flight-delays/feed.ts";
import job from "../examples/flight-delays/job.ts";
import { median } from "./median.ts";

export interface CommitFigure {
  readonly commits: number;
  readonly bytesPerCommit: number;
  /** Medians of one append to the log, and of one delivery call: a put of frames or a write of rows. */
  readonly appendMs: number;
  readonly putMs: number;
  readonly tableWriteMs: number;
}

/** What commits and deliveries of the main example cost on the durable embedded store. */
export async function benchCommits(events: number): Promise<CommitFigure> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-commits-"));
  const plain = durablePorts(dir);
  const bytes: number[] = [];
  const append = timed((...[log, row]: Parameters<typeof plain.log.append>) => {
    bytes.push(row.body?.length ?? 0);
    return plain.log.append(log, row);
  });
  const put = timed(plain.writer.put);
  const write = timed(plain.tables.write);
  const ports = {
    ...plain,
    log: { ...plain.log, append: append.call },
    writer: { put: put.call },
    tables: { ...plain.tables, write: write.call },
  };
  const plan = buildPlan(job.graph);
  await createStreams(plan, ports, { source: 2, exchange: 2 });
  await feedFlights({ writer: plain.writer, stream: "flights", count: events });
  await plain.admin.endStream("flights");
  await (
    await runEmbedded({ job: embeddedRuntime({ graph: job.graph, plan }, ports) })
  ).done;
  plain.close();
  rmSync(dir, { recursive: true, force: true });
  return {
    commits: bytes.length,
    bytesPerCommit: median(bytes),
    appendMs: median(append.takenMs),
    putMs: median(put.takenMs),
    tableWriteMs: median(write.takenMs),
  };
}

function timed<A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) {
  const takenMs: number[] = [];
  return {
    takenMs,
    call: async (...args: A): Promise<R> => {
      const beforeMs = performance.now();
      const result = await call(...args);
      takenMs.push(performance.now() - beforeMs);
      return result;
    },
  };
}
