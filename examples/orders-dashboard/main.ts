import { parseArgs } from "node:util";
import {
  buildPlan,
  createStreams,
  embeddedRuntime,
  type EmbeddedPorts,
  memoryPorts,
  runEmbedded,
  readDeadLetters,
} from "millrace/dev";
import { compare } from "./compare.ts";
import { feedOrders } from "./feed.ts";
import job from "./job.ts";
import { plainResults } from "./plain.ts";
import { report } from "./report.ts";

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "60000" },
    seed: { type: "string", default: "1" },
  },
});
const count = wholeNumber("--records", values.records);
const seed = wholeNumber("--seed", values.seed);
const ports = memoryPorts();
try {
  process.exitCode = await main(ports);
} finally {
  ports.close();
}

/** Feeds and runs the job in this process; answers 0 where its results equal the plain computation. */
async function main(store: EmbeddedPorts): Promise<number> {
  const plan = buildPlan(job.graph);
  await createStreams(plan, store, { source: 4, exchange: 2 });
  print(
    `${count.toLocaleString("en")} records of orders go through ${plan.stages.length} stages ...`,
  );
  const startedMs = performance.now();
  const run = await runEmbedded({ job: embeddedRuntime({ graph: job.graph, plan }, store) });
  await feedOrders({ writer: store.writer, stream: "orders", seed, to: count });
  await store.admin.endStream("orders");
  await run.done;
  const seconds = (performance.now() - startedMs) / 1_000;
  const comparison = await compare(
    {
      scan: (table) => store.tables.scan(table),
      deadLetters: (await readDeadLetters(store.objects, `${plan.job}/1/dead-letters/`)).length,
    },
    plainResults({ seed, count }),
  );
  print(`${report(comparison)}\n\n${seconds.toFixed(1)} s from the first record to the last row.`);
  if (comparison.differenceCount === 0) {
    print("Every row equals the plain computation.");
    return 0;
  }
  print(`${comparison.differenceCount} differences from the plain computation, the first of them:`);
  for (const difference of comparison.differences) print(`  ${difference}`);
  return 1;
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  print(`${option} is "${text}"; it must be a whole number, for example ${option} 60000.`);
  process.exit(2);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
