import { buildPlan, createStreams, embeddedRuntime, memoryPorts, runEmbedded } from "millrace/dev";
import { feedFlights } from "./feed.ts";
import job from "./latency-job.ts";

export interface Latency {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rowsTimed: number;
}

/**
 * Times records from `StreamWriter.put` to the row in the table, through source, exchange and keyed state, at a fixed rate. Several
 * changes of one row in one commit are one write: the newest is timed.
 */
export async function measureLatency({
  rate,
  seconds,
}: {
  readonly rate: number;
  readonly seconds: number;
}): Promise<Latency> {
  const putAtMs: number[] = [];
  const latencies: number[] = [];
  const plain = memoryPorts();
  const ports = {
    ...plain,
    tables: {
      ...plain.tables,
      write: async (...[table, writes, writer]: Parameters<typeof plain.tables.write>) => {
        const summary = await plain.tables.write(table, writes, writer);
        const nowMs = performance.now();
        for (const { row } of writes)
          latencies.push(nowMs - (putAtMs[Number(row?.["row"])] ?? nowMs));
        return summary;
      },
    },
  };
  const plan = buildPlan(job.graph);
  await createStreams(plan, ports, { source: 2, exchange: 2 });
  const run = await runEmbedded({ job: embeddedRuntime({ graph: job.graph, plan }, ports) });
  let fed = 0;
  await feedFlights({
    writer: ports.writer,
    stream: "flights",
    count: rate * seconds,
    rate,
    onPut: (total) => {
      for (; fed < total; fed++) putAtMs[fed] = performance.now();
    },
  });
  await ports.admin.endStream("flights");
  await run.done;
  ports.close();
  const sorted = latencies.toSorted((left, right) => left - right);
  const at = (fraction: number): number =>
    sorted[Math.floor((sorted.length - 1) * fraction)] ?? Number.NaN;
  return { rate, p50Ms: at(0.5), p99Ms: at(0.99), rowsTimed: sorted.length };
}
