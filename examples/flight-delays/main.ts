import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  buildPlan,
  createStreams,
  durablePorts,
  type EmbeddedPorts,
  listProgress,
  type SlotProgress,
  readDeadLetters,
} from "millrace/dev";
import { compare } from "./compare.ts";
import { feedFlights } from "./feed.ts";
import job from "./job.ts";
import { measureLatency } from "./latency.ts";
import { plainResults } from "./plain.ts";
import { report } from "./report.ts";
import { superviseRun } from "./supervise.ts";

const allRows = 3_000_000;
const defaultRows = 600_000;

const { values } = parseArgs({
  options: {
    all: { type: "boolean", default: false },
    rows: { type: "string" },
    workers: { type: "string", default: "2" },
    dir: { type: "string" },
  },
});
const rows = values.all ? allRows : Number(values.rows ?? defaultRows);
const dir = values.dir ?? (await mkdtemp(join(tmpdir(), "millrace-flights-")));
const ports = durablePorts(dir);
try {
  process.exitCode = await main(ports);
} finally {
  ports.close();
  if (values.dir === undefined) await rm(dir, { recursive: true, force: true });
}

/** Feeds, runs, kills and resumes the job; answers 0 where its results equal the plain computation. */
async function main(store: EmbeddedPorts): Promise<number> {
  const plan = buildPlan(job.graph);
  await createStreams(plan, store, { source: 2, exchange: 2 });
  const killAtFraction = 0.2 + Math.random() * 0.4;
  print(
    `${rows.toLocaleString("en")} flights through ${plan.stages.length} stages; the process that runs them will be killed on the way.`,
  );
  const startedMs = performance.now();
  const feeding = feedFlights({ writer: store.writer, stream: "flights", count: rows }).then(() =>
    store.admin.endStream("flights"),
  );
  const progress = (): Promise<readonly SlotProgress[]> =>
    listProgress(store, { job: plan.job, generation: 1 });
  const [run] = await Promise.all([
    superviseRun({
      dir,
      workers: Number(values.workers),
      rows,
      killAtFraction,
      progress,
      onKilled: (commits) =>
        print(`\nKilled with SIGKILL after ${commits} commits; starting it again.`),
    }),
    feeding,
  ]);
  const seconds = (performance.now() - startedMs) / 1_000;
  print("Comparing with plain loops over the same rows ...");
  const plain = await plainResults(rows);
  const deadLetters = (await readDeadLetters(store.objects, `${plan.job}/1/dead-letters/`)).length;
  const comparison = await compare(
    { scan: (table) => store.tables.scan(table), deadLetters, expectsLate: rows >= defaultRows },
    plain,
  );
  const latency = await measureLatency({ rate: 10_000, seconds: 4 });
  const late = comparison.rows["late-flights"] ?? 0;
  print(
    `\n${report(comparison.results, { ...run, rows, seconds, deadLetters, late }, latency, comparison.rows)}\n`,
  );
  if (comparison.differenceCount === 0) {
    print("Every row equals the plain computation.");
    return 0;
  }
  print(`${comparison.differenceCount} differences from the plain computation, the first of them:`);
  for (const difference of comparison.differences) print(`  ${difference}`);
  return 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
