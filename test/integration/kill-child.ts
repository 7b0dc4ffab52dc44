/** The process that kill.test.ts kills: runs the slots and the coordinator over the folder given, until the job has ended. */
import { runEmbedded } from "../../dev/run-embedded.ts";
import { embeddedRuntime } from "../../runtime/embedded/job-world.ts";
import { durablePorts } from "../../runtime/embedded/ports.ts";
import { buildPlan } from "../../runtime/plan/build-plan.ts";
import { visitsJob } from "./visits-job.ts";

const dir = process.argv[2];
if (dir === undefined) throw new Error("The folder of the run is missing.");
const { graph } = visitsJob();
const ports = durablePorts(dir);
const job = embeddedRuntime({ graph, plan: buildPlan(graph) }, ports, {
  ringSize: 16,
  inlineMaxBytes: 4_000,
});
const run = await runEmbedded({
  job,
  tuning: { batchSize: 25, exchangeBatchSize: 10, pollMs: 2 },
  coordinator: { tickIntervalMs: 10, leaseMs: 150, sourceQuietMs: 30 },
  onError: (error) => console.error(error),
});
await run.done;
ports.close();
