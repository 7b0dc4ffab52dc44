import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildPlan,
  createStreams,
  durablePorts,
  embeddedRuntime,
  type EmbeddedPorts,
  memoryPorts,
  runEmbedded,
} from "../../dev/index.ts";
import { eventStream, nexmarkJob, type QueryName, rowFolder } from "./queries.ts";

export interface QueryRun {
  readonly rows: readonly unknown[];
  readonly wallSeconds: number;
  /** Of the whole process, from the first record to the end of the job. */
  readonly cpuSeconds: number;
}

export interface QueryOptions {
  readonly name: QueryName;
  readonly lines: readonly string[];
  /** On SQLite and files instead of in memory. Default: false. */
  readonly durable?: boolean;
}

/** So many lines stand in a record. */
const linesPerRecord = 100;

/** Runs a query over events that were fed before, in this process, to its end. */
export async function runQuery({ name, lines, durable = false }: QueryOptions): Promise<QueryRun> {
  const dir = durable ? mkdtempSync(join(tmpdir(), "millrace-nexmark-")) : undefined;
  const ports = dir === undefined ? memoryPorts() : durablePorts(dir);
  try {
    const { graph } = nexmarkJob(name);
    const plan = buildPlan(graph);
    await createStreams(plan, ports, { source: 1, exchange: 1 });
    await feed(ports, lines);
    const startedMs = performance.now();
    const before = process.cpuUsage();
    const run = await runEmbedded({
      job: embeddedRuntime({ graph, plan }, ports),
      environments: 1,
    });
    await run.done;
    const { user, system } = process.cpuUsage(before);
    const wallSeconds = (performance.now() - startedMs) / 1_000;
    return { rows: await rowsOf(ports), wallSeconds, cpuSeconds: (user + system) / 1e6 };
  } finally {
    ports.close();
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  }
}

async function feed({ writer, admin }: EmbeddedPorts, lines: readonly string[]): Promise<void> {
  for (let at = 0; at < lines.length; at += linesPerRecord) {
    const data = Buffer.from(lines.slice(at, at + linesPerRecord).join("\n"));
    await writer.put(eventStream, [{ partitionKey: "p", data }]);
  }
  await admin.endStream(eventStream);
}

async function rowsOf({ files }: EmbeddedPorts): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for await (const name of files.list(`${rowFolder}/`))
    for (const line of new TextDecoder().decode(await files.get(name)).split("\n"))
      if (line !== "") rows.push(JSON.parse(line));
  return rows;
}
