import { openJobBundle } from "../dev/job-bundle.ts";

/** Runs the bundled main job over a folder that was fed before, in this process alone, and prints its figures as JSON. */
const [bundleFile, dir, workers] = process.argv.slice(2) as [string, string, string];
const opened = await openJobBundle({
  bundleFile,
  dir,
  workers: Number(workers),
  shards: { source: 2, exchange: 2 },
});
let peakBytes = 0;
const sampling = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 100);
const startedMs = performance.now();
const before = process.cpuUsage();
await (
  await opened.run()
).done;
const used = process.cpuUsage(before);
const wallSeconds = (performance.now() - startedMs) / 1_000;
clearInterval(sampling);
opened.close();
process.stdout.write(
  JSON.stringify({ wallSeconds, cpuSeconds: (used.user + used.system) / 1e6, peakBytes }),
);
