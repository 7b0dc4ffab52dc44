/**
 * The process that kill-checkpoints.slow.test.ts kills while it restores: takes the job in the folder given back to its newest
 * complete epoch, as `millrace restore latest` does, at so many shards of the exchange. With a third argument it stands still
 * at that write, counted from 1 and each twice: before it is made, and after that.
 */
import { flushCompileCache } from "node:module";
import { restoreJob } from "../../dev/restore-job.ts";
import { durablePorts, type EmbeddedPorts } from "../../runtime/embedded/ports.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import { readManifest, resolveReference, verifySavepoint } from "../../runtime/savepoints/index.ts";
import { gatedPorts } from "./gated-ports.ts";
import { patienceMs } from "../patience.ts";
import { visitsJob } from "./visits-job.ts";

flushCompileCache();
const [, , dir, exchangeShards, writes] = process.argv;
if (dir === undefined) throw new Error("The folder of the run is missing.");

const durable = durablePorts(dir);
let left = writes === undefined ? Number.POSITIVE_INFINITY : Number(writes);
const ports: EmbeddedPorts = {
  ...durable,
  ...gatedPorts(durable, async (place) => {
    if (!/^(?:control|objects)\.put/.test(place)) return;
    left -= 1;
    if (left !== 0) return;
    process.stdout.write(`stands still at ${place}\n`);
    // Nobody has to find it, should whoever is to kill it be gone.
    await new Promise((resolve) => setTimeout(resolve, patienceMs));
  }),
};
const { graph } = visitsJob();
const manifest = await resolveReference(ports, { job: graph.job, reference: "latest" });
await verifySavepoint(ports, manifest, await readManifest(ports.objects, manifest));
await restoreJob({
  job: { graph, plan: buildPlan(graph) },
  ports,
  manifest,
  exchangeShards: Number(exchangeShards),
});
ports.close();
