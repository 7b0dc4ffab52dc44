/**
 * The process that the kill tests kill: runs the slots and the coordinator of a job over the folder given, until the job has
 * ended. With a second argument epochs are opened that many milliseconds apart, and garbage is collected all the time.
 */
import { flushCompileCache } from "node:module";
import { runEmbedded } from "../../dev/run-embedded.ts";
import { embeddedRuntime } from "../../runtime/embedded/job-world.ts";
import { durablePorts } from "../../runtime/embedded/ports.ts";
import { checkpointing } from "../../runtime/index.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import { visitsJob } from "./visits-job.ts";

// It won't get to its exit.
flushCompileCache();
process.once("disconnect", () => process.exit(1));
process.channel?.unref();
const [, , dir, intervalMs] = process.argv;
if (dir === undefined) throw new Error("The folder of the run is missing.");
const often = intervalMs !== undefined;
const interval = { milliseconds: Number(intervalMs) };
const { graph } = visitsJob(often ? { checkpoints: checkpointing({ interval }) } : {});
const ports = durablePorts(dir);
const job = embeddedRuntime({ graph, plan: buildPlan(graph) }, ports, {
  ringSize: 16,
  inlineMaxBytes: 4_000,
});
const run = await runEmbedded({
  job,
  tuning: { batchSize: often ? 6 : 25, exchangeBatchSize: often ? 2 : 10, pollMs: 2 },
  coordinator: {
    tickIntervalMs: 10,
    leaseMs: 150,
    sourceQuietMs: 30,
    ...(often && { garbageEveryMs: 100, garbageGraceMs: 1_000 }),
  },
  onError: (error) => console.error(error),
});
await run.done;
ports.close();
