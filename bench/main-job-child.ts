import {
  buildPlan,
  durablePorts,
  embeddedRuntime,
  listProgress,
  runEmbedded,
} from "../dev/index.ts";
import job from "../examples/flight-delays/job.ts";

/** Runs the main job over a folder that was fed before, in this process alone, and prints its figures as JSON. */
const [dir] = process.argv.slice(2) as [string];
const counted = { commits: 0, bodyBytes: 0, appendMs: 0, deliverMs: 0 };
const plain = durablePorts(dir);
const ports = {
  ...plain,
  log: {
    ...plain.log,
    append: async (...[log, row]: Parameters<typeof plain.log.append>) => {
      const beforeMs = performance.now();
      const outcome = await plain.log.append(log, row);
      counted.appendMs += performance.now() - beforeMs;
      counted.commits += 1;
      counted.bodyBytes += row.body?.length ?? 0;
      return outcome;
    },
  },
  tables: { ...plain.tables, write: timed(plain.tables.write.bind(plain.tables)) },
  writer: { ...plain.writer, put: timed(plain.writer.put.bind(plain.writer)) },
};
const plan = buildPlan(job.graph);
let peakBytes = 0;
const sampling = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 100);
const startedMs = performance.now();
const before = process.cpuUsage();
const run = await runEmbedded({ job: embeddedRuntime({ graph: job.graph, plan }, ports) });
await run.done;
const used = process.cpuUsage(before);
clearInterval(sampling);
const slots = await listProgress(plain, { job: plan.job, generation: 1 });
const wallSeconds = (performance.now() - startedMs) / 1_000;
const cpuSeconds = (used.user + used.system) / 1e6;
const versions = slots.reduce((sum, { version }) => sum + version, 0);
process.stdout.write(JSON.stringify({ ...counted, wallSeconds, cpuSeconds, peakBytes, versions }));
plain.close();

function timed<A extends readonly unknown[], R>(
  call: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    const beforeMs = performance.now();
    const result = await call(...args);
    counted.deliverMs += performance.now() - beforeMs;
    return result;
  };
}
